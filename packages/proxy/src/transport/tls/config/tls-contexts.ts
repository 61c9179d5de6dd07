import { createHash, randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { toBinary } from "@bufbuild/protobuf";
import { envoyTypes, Problems, type Locator, type Problem } from "@nuncio/api";
import type {
  DownstreamTlsContext,
  UpstreamTlsContext,
} from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/tls_pb";
import type { CompileContext } from "../../../config/context.ts";
import { TLS_FACTORY_STATS, TLS_STATS } from "../../../observe/stats/tables/tls.ts";
import type { DownstreamTlsConfig, TlsContextConfig, UpstreamTlsConfig } from "../model.ts";
import { compileDownstreamContext, type ContextIdentity } from "./downstream-context.ts";
import { SecretReader, type ShownCertificate } from "./secret-reader.ts";
import type { SecretStore } from "./secret-store.ts";
import { NODE_KEY_BYTES } from "./session-ticket-keys.ts";
import { compileUpstreamContext } from "./upstream-context.ts";

/** A context on main. */
export interface TlsContext {
  /** The newest that is good. */
  readonly config: TlsContextConfig;
  /** Absolute paths of the files that it was made of. */
  readonly files: ReadonlySet<string>;
  readonly certificates: readonly ShownCertificate[];
  /** Some of its secrets come out of files of their own. */
  readonly readsSecretFiles: boolean;
}

/** What became of a context whose files were looked at again. */
export type Refresh =
  | { readonly kind: "same" }
  | { readonly kind: "changed"; readonly config: TlsContextConfig }
  /** The old one stays. */
  | { readonly kind: "refused"; readonly problems: readonly Problem[] };

type Compile = (identity: ContextIdentity, reader: SecretReader) => TlsContextConfig;

class Context implements TlsContext {
  config: TlsContextConfig;
  files: ReadonlySet<string>;
  certificates: readonly ShownCertificate[];
  readonly readsSecretFiles: boolean;
  readonly #compile: Compile;
  /** Without the configuration's places, which are not kept: `#places` has those that are needed. */
  readonly #ctx: Omit<CompileContext, "problems">;
  readonly #places: Locator;
  /** What it was made of. */
  readonly key: string;
  /** The compilation that has it. Two messages of one configuration are two contexts, however equal. */
  usedIn: WeakRef<Problems>;

  constructor(config: TlsContextConfig, reader: SecretReader, compile: Compile, key: string) {
    this.key = key;
    this.usedIn = new WeakRef(reader.ctx.problems);
    this.config = config;
    this.files = reader.files;
    this.certificates = reader.shown;
    this.readsSecretFiles = reader.readsSecretFiles;
    this.#compile = compile;
    const { problems: _problems, ...ctx } = reader.ctx;
    this.#ctx = ctx;
    this.#places = reader.places;
  }

  refresh(): Refresh {
    const problems = new Problems(this.#places);
    const reader = new SecretReader({ ...this.#ctx, problems });
    const { id, version, scope, factoryScope } = this.config;
    const config = this.#compile({ id, version: version + 1, scope, factoryScope }, reader);
    const errors = [...problems.list, ...reader.rejections].filter(
      ({ severity }) => severity === "error",
    );
    // What could not be read may be there later.
    this.files = errors.length === 0 ? reader.files : new Set([...this.files, ...reader.files]);
    if (errors.length > 0) return { kind: "refused", problems: errors };
    if (isDeepStrictEqual({ ...config, version }, this.config)) return { kind: "same" };
    this.config = config;
    this.certificates = reader.shown;
    return { kind: "changed", config };
  }
}

/** All TLS contexts of a process on main. */
export class TlsContexts {
  readonly secrets: SecretStore;
  #contexts: Context[] = [];
  /** Those of listeners. Of equal messages there may be several contexts. */
  readonly #byKey = new Map<string, Context[]>();
  #lastId = 0;

  constructor(secrets: SecretStore) {
    this.secrets = secrets;
  }

  /** In the order in which they were compiled. */
  get all(): readonly TlsContext[] {
    return this.#contexts;
  }

  /** Compiles each of those that have files again; what came of it, beside the context. */
  *refresh(): Generator<readonly [TlsContext, Refresh]> {
    for (const context of this.#contexts) {
      if (context.files.size > 0) yield [context, context.refresh()];
    }
  }

  /** Nobody uses them any more. */
  release(ids: ReadonlySet<number>): void {
    const kept: Context[] = [];
    for (const context of this.#contexts) {
      if (!ids.has(context.config.id)) kept.push(context);
      else if (context.key !== "") this.#forgetKey(context);
    }
    this.#contexts = kept;
  }

  /**
   * The context of an equal message that was compiled before is that of this one, too: its connections can go on.
   * @param statPrefix of the listener, with its dot
   */
  downstream(
    message: DownstreamTlsContext,
    statPrefix: string,
    ctx: CompileContext,
  ): DownstreamTlsConfig {
    const key = keyOf(message, statPrefix);
    const known = this.#byKey.get(key)?.find(({ usedIn }) => usedIn.deref() !== ctx.problems);
    if (known !== undefined) {
      known.usedIn = new WeakRef(ctx.problems);
      return known.config as DownstreamTlsConfig;
    }
    const ticketKey = randomBytes(NODE_KEY_BYTES);
    return this.#add(
      `${statPrefix}server_ssl_socket_factory.`,
      statPrefix,
      ctx,
      (identity, reader) =>
        compileDownstreamContext(message, identity, ticketKey, this.secrets, reader),
      key,
    ) as DownstreamTlsConfig;
  }

  /** @param statPrefix of the cluster, with its dot */
  upstream(
    message: UpstreamTlsContext,
    statPrefix: string,
    ctx: CompileContext,
  ): UpstreamTlsConfig {
    return this.#add(
      `${statPrefix}client_ssl_socket_factory.`,
      statPrefix,
      ctx,
      (identity, reader) => compileUpstreamContext(message, identity, this.secrets, reader),
    ) as UpstreamTlsConfig;
  }

  #forgetKey(context: Context): void {
    const left = (this.#byKey.get(context.key) ?? []).filter((each) => each !== context);
    if (left.length > 0) this.#byKey.set(context.key, left);
    else this.#byKey.delete(context.key);
  }

  #add(
    factoryPrefix: string,
    statPrefix: string,
    ctx: CompileContext,
    compile: Compile,
    key = "",
  ): TlsContextConfig {
    const reader = new SecretReader(ctx);
    const identity: ContextIdentity = {
      id: ++this.#lastId,
      version: 1,
      scope: ctx.stats.scope(`${statPrefix}ssl.`, TLS_STATS),
      factoryScope: ctx.stats.scope(factoryPrefix, TLS_FACTORY_STATS),
    };
    const config = compile(identity, reader);
    for (const { message: text, place, path } of reader.rejections)
      ctx.problems.add({ severity: "warning", place, path, message: text });
    const context = new Context(config, reader, compile, key);
    this.#contexts.push(context);
    // What could not be compiled is to be tried again.
    if (key !== "" && !ctx.problems.hasErrors) {
      const equal = this.#byKey.get(key);
      if (equal === undefined) this.#byKey.set(key, [context]);
      else equal.push(context);
    }
    return config;
  }
}

/** Equal for messages that mean the same in the same place. */
function keyOf(message: DownstreamTlsContext, statPrefix: string): string {
  const bytes = toBinary(envoyTypes().getMessage(message.$typeName)!, message);
  return `${statPrefix} ${createHash("sha256").update(bytes).digest("base64")}`;
}
