import type { Message } from "@bufbuild/protobuf";
import type { WorkerContext } from "../../base/worker-context.ts";
import type { CompileContext } from "../../config/context.ts";
import type { NetworkServices } from "../../network/services.ts";
import type { HttpFilter } from "../filter.ts";

/**
 * An HTTP filter's main side, in its `config.ts`. Compiled configuration is plain, structured-cloneable data.
 * The generic types bind it to the messages and data of one filter; registries hold the plain form.
 */
export interface HttpFilterConfigSide<
  Config extends Message = never,
  PerRoute extends Message = never,
  Plain = unknown,
  PlainPerRoute = unknown,
> {
  /** Envoy's name of the filter: `envoy.filters.http.header_mutation`. For texts; look-up is by type. */
  readonly name: string;
  /** The message's type name: `envoy.extensions.filters.http.header_mutation.v3.HeaderMutation`. */
  readonly configType: string;
  /** The type in `typed_per_filter_config`; left out when the filter has none. */
  readonly perRouteType?: string;
  /** Whether it ends the chain (`router`): it must be the last one, and the last one must be terminal. */
  readonly terminal: boolean;
  /** Message type → proto names of the fields that are implemented; all others are refused by name. */
  readonly implemented: { readonly [type: string]: readonly string[] | "all" };
  compile(message: Config, ctx: CompileContext, scope: HttpFilterScope): Plain;
  compilePerRoute?(message: PerRoute, ctx: CompileContext): PlainPerRoute;
}

/** What a filter's configuration belongs to. */
export interface HttpFilterScope {
  /** Of the connection manager: `http.<stat_prefix>.`. */
  readonly statPrefix: string;
}

/** An HTTP filter's worker side, in its `filter.ts`: imports no protobuf. */
export interface HttpFilterWorkerSide<Plain = never, PlainPerRoute = never> {
  /** As on the config side. */
  readonly configType: string;
  readonly perRouteType?: string;
  /** Called once per configuration and worker. */
  build(plain: Plain, worker: WorkerContext, host: HttpFilterHost): HttpFilterFactory;
  /** Builds what `compilePerRoute` gave; needs no instance of the filter, since routes know only its type. */
  buildPerRoute?(plain: PlainPerRoute, worker: WorkerContext): unknown;
}

/** Makes the filter objects of one configured filter. */
export interface HttpFilterFactory {
  /** Called once per stream. */
  create(): HttpFilter;
  /** Drops what `build` made; idempotent. */
  close?(): void;
}

/** A whole filter, as its `index.ts` exports it: both sides in one object. */
export type HttpFilterExtension<
  Config extends Message,
  PerRoute extends Message,
  Plain,
  PlainPerRoute,
> = HttpFilterConfigSide<Config, PerRoute, Plain, PlainPerRoute> &
  HttpFilterWorkerSide<Plain, PlainPerRoute>;

/** Where a filter lives: what it may use beside the worker. */
export interface HttpFilterHost {
  readonly services: NetworkServices;
  /** Where the router's stats of this connection manager begin. */
  readonly routerStatsBase: number;
}

/** Main sides by message type. */
export type HttpFilterRegistry = ReadonlyMap<string, HttpFilterConfigSide>;
