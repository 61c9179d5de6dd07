import { createHash, randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { toBinary } from "@bufbuild/protobuf";
import { envoyTypes, Problems, type Locator, type Problem } from "@nuncio/api";
import type {
  DownstreamTlsContext,
  UpstreamTlsContext,
} from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/tls_pb";
import type { CompileContext, InitTarget, RemoteSecret } from "../../../config/context.ts";
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
  /** Those of control planes among its secrets. */
  readonly remotes: ReadonlySet<RemoteSecret>;
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
  readonly remotes: ReadonlySet<RemoteSecret>;
  certificates: readonly ShownCertificate[];
  readonly readsSecretFiles: boolean;
  readonly #compile: Compile;
  /** Without the configuration's places, which are not kept: `#places` has those that are needed. */
  readonly #ctx: Omit<CompileContext, "problems">;
  readonly #places: Locator;

  constructor(config: TlsContextConfig, reader: SecretReader, compile: Compile) {
    this.config = config;
    this.files = reader.files;
    this.remotes = reader.remotes;
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
    for (const secret of reader.remotes) secret.release(); // held since the first time
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

/**
 * The TLS contexts on main. The same message for the same listener or cluster is the same context: what
 * stands on it is the same before and after an update.
 */
export class TlsContexts {
  readonly secrets: SecretStore;
  readonly #contexts = new Map<string, SharedContext>();
  #count = 0;

  constructor(secrets: SecretStore) {
    this.secrets = secrets;
  }

  /** In the order in which they were first used. */
  get all(): readonly TlsContext[] {
    return Array.from(this.#contexts.values(), ({ context }) => context);
  }

  /** The newest version of what stands in a configuration. */
  newest<Config extends TlsContextConfig>(config: Config): Config {
    const found = this.all.find(({ config: { id } }) => id === config.id);
    return (found?.config ?? config) as Config;
  }

  /** Compiles each of those that have files again; what came of it, beside the context. */
  *refresh(): Generator<readonly [TlsContext, Refresh]> {
    for (const { context } of this.#contexts.values())
      if (context.files.size > 0) yield [context, context.refresh()];
  }

  /** The same for each of those that use `secret`. */
  *refreshUsing(secret: RemoteSecret): Generator<readonly [TlsContext, Refresh]> {
    for (const { context } of this.#contexts.values())
      if (context.remotes.has(secret)) yield [context, context.refresh()];
  }

  /** @param statPrefix of the listener, with its dot */
  downstream(
    message: DownstreamTlsContext,
    statPrefix: string,
    ctx: CompileContext,
  ): DownstreamTlsConfig {
    const ticketKey = randomBytes(NODE_KEY_BYTES);
    return this.#use(
      message,
      { statPrefix, factoryPrefix: `${statPrefix}server_ssl_socket_factory.` },
      ctx,
      (identity, reader) =>
        compileDownstreamContext(message, identity, ticketKey, this.secrets, reader),
    ) as DownstreamTlsConfig;
  }

  /** @param statPrefix of the cluster, with its dot */
  upstream(
    message: UpstreamTlsContext,
    statPrefix: string,
    ctx: CompileContext,
  ): UpstreamTlsConfig {
    return this.#use(
      message,
      { statPrefix, factoryPrefix: `${statPrefix}client_ssl_socket_factory.` },
      ctx,
      (identity, reader) => compileUpstreamContext(message, identity, this.secrets, reader),
    ) as UpstreamTlsConfig;
  }

  #use(
    message: DownstreamTlsContext | UpstreamTlsContext,
    prefixes: Prefixes,
    ctx: CompileContext,
    compile: Compile,
  ): TlsContextConfig {
    const content = toBinary(envoyTypes().getMessage(message.$typeName)!, message);
    const hash = createHash("sha256").update(content).digest("base64");
    // Equal messages of one listener are contexts of their own, as in Envoy.
    const earlier = ctx.targets.filter(
      (target) => target instanceof SharedContext && target.hash === hash,
    );
    const key = `${prefixes.factoryPrefix} ${hash} ${earlier.length}`;
    const known = this.#contexts.get(key);
    if (known !== undefined) {
      // Whoever had its statistics until now may give them back.
      takeScopes(prefixes, ctx);
      ctx.targets.push(known.hold());
      return known.first;
    }
    const context = this.#compile(prefixes, ctx, compile);
    const shared = new SharedContext(context, hash, () => this.#contexts.delete(key));
    this.#contexts.set(key, shared);
    ctx.targets.push(shared.hold());
    return context.config;
  }

  #compile(prefixes: Prefixes, ctx: CompileContext, compile: Compile): Context {
    const reader = new SecretReader(ctx);
    const identity: ContextIdentity = {
      id: ++this.#count,
      version: 1,
      ...takeScopes(prefixes, ctx),
    };
    const config = compile(identity, reader);
    for (const { message: text, place, path } of reader.rejections)
      ctx.problems.add({ severity: "warning", place, path, message: text });
    return new Context(config, reader, compile);
  }
}

interface Prefixes {
  readonly statPrefix: string;
  readonly factoryPrefix: string;
}

function takeScopes(
  { statPrefix, factoryPrefix }: Prefixes,
  { stats }: CompileContext,
): Pick<ContextIdentity, "scope" | "factoryScope"> {
  return {
    scope: stats.scope(`${statPrefix}ssl.`, TLS_STATS),
    factoryScope: stats.scope(factoryPrefix, TLS_FACTORY_STATS),
  };
}

/** A context with those who use it. */
class SharedContext implements InitTarget {
  readonly context: Context;
  /**
   * What stands in the configuration of listeners and clusters: always the same, so that a rotated secret does not make them
   * others. Workers are told newer versions, and keep the newest.
   */
  readonly first: TlsContextConfig;
  /** Of its message. */
  readonly hash: string;
  readonly #end: () => void;
  #users = 0;

  constructor(context: Context, hash: string, end: () => void) {
    this.context = context;
    this.first = context.config;
    this.hash = hash;
    this.#end = end;
  }

  /** Those of its secrets that have not come. */
  get name(): string {
    const missing = [...this.context.remotes].filter(({ current }) => current === null);
    return missing.map(({ name }) => name).join(", ");
  }

  hold(): this {
    this.#users += 1;
    return this;
  }

  whenReady(onReady: () => void): void {
    const waited = new Set(this.context.remotes);
    if (waited.size === 0) onReady();
    for (const secret of this.context.remotes) {
      secret.whenReady(() => {
        if (waited.delete(secret) && waited.size === 0) onReady();
      });
    }
  }

  release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#end();
    for (const secret of this.context.remotes) secret.release();
  }
}
