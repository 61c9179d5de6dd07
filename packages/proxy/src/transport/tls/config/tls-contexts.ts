import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { Problems, type Locator, type Problem } from "@nuncio/api";
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

  constructor(config: TlsContextConfig, reader: SecretReader, compile: Compile) {
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
  readonly #contexts: Context[] = [];

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

  /** @param statPrefix of the listener, with its dot */
  downstream(
    message: DownstreamTlsContext,
    statPrefix: string,
    ctx: CompileContext,
  ): DownstreamTlsConfig {
    const ticketKey = randomBytes(NODE_KEY_BYTES);
    return this.#add(
      `${statPrefix}server_ssl_socket_factory.`,
      statPrefix,
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
    return this.#add(
      `${statPrefix}client_ssl_socket_factory.`,
      statPrefix,
      ctx,
      (identity, reader) => compileUpstreamContext(message, identity, this.secrets, reader),
    ) as UpstreamTlsConfig;
  }

  #add(
    factoryPrefix: string,
    statPrefix: string,
    ctx: CompileContext,
    compile: Compile,
  ): TlsContextConfig {
    const reader = new SecretReader(ctx);
    const identity: ContextIdentity = {
      id: this.#contexts.length + 1,
      version: 1,
      scope: ctx.stats.scope(`${statPrefix}ssl.`, TLS_STATS),
      factoryScope: ctx.stats.scope(factoryPrefix, TLS_FACTORY_STATS),
    };
    const config = compile(identity, reader);
    for (const { message: text, place, path } of reader.rejections)
      ctx.problems.add({ severity: "warning", place, path, message: text });
    this.#contexts.push(new Context(config, reader, compile));
    return config;
  }
}
