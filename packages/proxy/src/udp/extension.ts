import type { Message } from "@bufbuild/protobuf";
import type { CompileContext } from "../config/context.ts";
import type { NetworkServices } from "../network/services.ts";
import type { UdpListenerFilter } from "./filter.ts";

/** The main side of a filter of UDP listeners, in its `config.ts`. Compiled configuration is plain, structured-cloneable data. */
export interface UdpFilterConfigSide<Config extends Message = never, Plain = unknown> {
  /** The message's type name: `envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig`. */
  readonly configType: string;
  /** Message type → proto names of the fields that are implemented; all others are refused by name. */
  readonly implemented: { readonly [type: string]: readonly string[] | "all" };
  compile(message: Config, ctx: CompileContext): Plain;
}

/** The worker side, in its `filter.ts`: imports no protobuf. */
export interface UdpFilterWorkerSide<Plain = never> {
  readonly configType: string;
  /** Called once per worker and address of the listener. */
  build(plain: Plain, services: NetworkServices): UdpListenerFilter;
}
