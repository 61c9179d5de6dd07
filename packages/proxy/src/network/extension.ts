import type { Message } from "@bufbuild/protobuf";
import type { CompileContext } from "../config/context.ts";
import type { NetworkFilterFactory } from "./filter.ts";
import type { NetworkServices } from "./services.ts";

/** What a network filter's compile may know of its listener. */
export interface ListenerScope {
  readonly name: string;
  /** `listener.127.0.0.1_80.`, for stats beside the listener's own. */
  readonly statPrefix: string;
  /** `per_connection_buffer_limit_bytes`. */
  readonly perConnectionBufferLimitBytes: number;
  /** Worker threads that will run the filter. */
  readonly workers: number;
}

/** A network filter's main side, in its `config.ts`. Compiled configuration is plain, structured-cloneable data. */
export interface NetworkFilterConfigSide<Config extends Message = never, Plain = unknown> {
  /** Envoy's name of the filter: `envoy.filters.network.tcp_proxy`. For texts; look-up is by type. */
  readonly name: string;
  /** The message's type name: `envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy`. */
  readonly configType: string;
  /** Whether it ends the chain: it must be the last one, and the last one must be terminal. */
  readonly terminal: boolean;
  /** Message type → proto names of the fields that are implemented; all others are refused by name. */
  readonly implemented: { readonly [type: string]: readonly string[] | "all" };
  compile(message: Config, ctx: CompileContext, listener: ListenerScope): Plain;
  /**
   * Whether connections of a filter that was configured as `before` may live on when it is configured as `after`: nothing
   * that belongs to a connection itself differs. Its factories then have `succeededBy`. Left out: never.
   */
  sameConnections?(before: Plain, after: Plain): boolean;
}

/** A network filter's worker side, in its `filter.ts`: imports no protobuf. */
export interface NetworkFilterWorkerSide<Plain = never> {
  readonly configType: string;
  /** Called once per filter chain and worker. */
  build(plain: Plain, services: NetworkServices): NetworkFilterFactory;
}
