import { randomBytes } from "node:crypto";
import type { Message } from "@bufbuild/protobuf";
import type {
  DownstreamTlsContext,
  UpstreamTlsContext,
} from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/tls_pb";
import type { CompileContext } from "../../../config/context.ts";
import { TLS_FACTORY_STATS, TLS_STATS } from "../../../observe/stats/tables/tls.ts";
import type { DownstreamTlsConfig, TlsContextConfig, UpstreamTlsConfig } from "../model.ts";
import { compileDownstreamContext, type ContextIdentity } from "./downstream-context.ts";
import { SecretReader } from "./secret-reader.ts";
import type { SecretStore } from "./secret-store.ts";
import { NODE_KEY_BYTES } from "./session-ticket-keys.ts";
import { compileUpstreamContext } from "./upstream-context.ts";

/** A context on main, with what it takes to compile it anew when a file changes. */
export interface TlsContext {
  readonly message: Message;
  /** The newest that is good. */
  config: TlsContextConfig;
  /** Files that it was made of. */
  files: ReadonlySet<string>;
  /** Compiles it again, as it would be now. */
  readonly compile: (identity: ContextIdentity, reader: SecretReader) => TlsContextConfig;
}

/** All TLS contexts of a process on main. */
export class TlsContexts {
  readonly #secrets: SecretStore;
  readonly #contexts: TlsContext[] = [];

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  /** In the order in which they were compiled. */
  get all(): readonly TlsContext[] {
    return this.#contexts;
  }

  /** @param statPrefix of the listener, with its dot */
  downstream(
    message: DownstreamTlsContext,
    statPrefix: string,
    ctx: CompileContext,
  ): DownstreamTlsConfig {
    const ticketKey = randomBytes(NODE_KEY_BYTES);
    return this.#add(
      message,
      `${statPrefix}server_ssl_socket_factory.`,
      statPrefix,
      ctx,
      (identity, reader) =>
        compileDownstreamContext(message, identity, ticketKey, this.#secrets, reader),
    ) as DownstreamTlsConfig;
  }

  /** @param statPrefix of the cluster, with its dot */
  upstream(
    message: UpstreamTlsContext,
    statPrefix: string,
    ctx: CompileContext,
  ): UpstreamTlsConfig {
    return this.#add(
      message,
      `${statPrefix}client_ssl_socket_factory.`,
      statPrefix,
      ctx,
      (identity, reader) => compileUpstreamContext(message, identity, this.#secrets, reader),
    ) as UpstreamTlsConfig;
  }

  #add(
    message: Message,
    factoryPrefix: string,
    statPrefix: string,
    ctx: CompileContext,
    compile: TlsContext["compile"],
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
    this.#contexts.push({ message, config, files: reader.files, compile });
    return config;
  }
}
