import type { Any } from "@bufbuild/protobuf/wkt";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { ListenerFilter } from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { Listener } from "@nuncio/api/types/envoy/config/listener/v3/listener_pb";
import type { CompileContext } from "../../config/context.ts";
import { LISTENER_UDP_STATS } from "../../observe/stats/tables/udp-proxy.ts";
import { udpFilterMainSides } from "../../udp/main-registry.ts";
import type { UdpFilterConfig } from "../../udp/model.ts";
import { compileUdpSocket, implemented as socket } from "../../udp/socket-config.ts";
import type { ListenerConfig, UdpListenerConfig } from "../model.ts";

const WRITER = "envoy.extensions.udp_packet_writer.v3.UdpDefaultWriterFactory";

/** Messages of UDP listeners that are implemented, and those of all filters there are. */
export const implemented: { readonly [type: string]: readonly string[] | "all" } = Object.assign(
  {
    "envoy.config.listener.v3.UdpListenerConfig": [
      "downstream_socket_config",
      "udp_packet_packet_writer_config",
    ],
    // What writes datagrams here: one after the other.
    [WRITER]: "all",
    ...socket,
  },
  ...[...udpFilterMainSides.values()].map((side) => side.implemented),
);

/** What a listener at addresses of UDP has in the place of filter chains. What cannot be is reported in Envoy's words. */
export function compileUdpListener(
  listener: Listener,
  { name, statPrefix }: { readonly name: string; readonly statPrefix: string },
  ctx: CompileContext,
): UdpListenerConfig {
  const { udpListenerConfig, filterChains } = listener;
  if (filterChains.length > 0 || listener.defaultFilterChain !== undefined) {
    const text = `error adding listener '${name}': ${filterChains.length} filter chain(s) specified for connection-less UDP listener.`;
    ctx.problems.error(
      listener,
      filterChains.length > 0 ? "filter_chains" : "default_filter_chain",
      text,
    );
  }
  if (listener.filterChainMatcher !== undefined)
    ctx.problems.error(
      listener,
      "filter_chain_matcher",
      "expected none: a UDP listener has no filter chains",
    );
  if (listener.listenerFilters.length === 0)
    ctx.problems.warning(
      listener,
      "listener_filters",
      "a UDP listener without filters drops what comes",
    );
  return {
    scope: ctx.stats.scope(`${statPrefix}udp.`, LISTENER_UDP_STATS),
    socket: compileUdpSocket(udpListenerConfig?.downstreamSocketConfig, false),
    filters: listener.listenerFilters.flatMap((filter) => compileFilter(filter, ctx) ?? []),
  };
}

/** Reports what a worker's socket of its own cannot be without. */
export function checkReusePort(
  listener: Listener,
  { reusePort }: Pick<ListenerConfig, "reusePort">,
  workers: number,
  ctx: CompileContext,
): void {
  if (reusePort || workers === 1) return;
  const text =
    "Listening on UDP when concurrency is > 1 without the SO_REUSEPORT socket option results in unstable packet proxying. " +
    "Configure the reuse_port listener option or set concurrency = 1.";
  ctx.problems.error(listener, "enable_reuse_port", text);
}

function compileFilter(filter: ListenerFilter, ctx: CompileContext): UdpFilterConfig | null {
  const { configType: given, filterDisabled } = filter;
  if (filterDisabled !== undefined)
    ctx.problems.error(filter, "filter_disabled", "not implemented yet: filters of UDP listeners");
  switch (given.case) {
    case "typedConfig":
      return compileConfig(filter, given.value, ctx);
    case "configDiscovery":
      ctx.problems.error(
        filter,
        "config_discovery",
        "not implemented yet: filters of UDP listeners that come by ECDS",
      );
      return null;
    default:
      reportUnknown(filter, "", ctx);
      return null;
  }
}

function compileConfig(
  filter: ListenerFilter,
  config: Any,
  ctx: CompileContext,
): UdpFilterConfig | null {
  const type = typeNameOfAny(config);
  const side = udpFilterMainSides.get(type);
  const message = unpack(config);
  // What nobody has was refused by the table of implemented messages.
  if (side === undefined && !type.startsWith("envoy.extensions.filters.udp."))
    reportUnknown(filter, type, ctx);
  if (side === undefined || message === undefined) return null;
  return { name: filter.name, type, config: side.compile(message as never, ctx) };
}

function reportUnknown(filter: ListenerFilter, type: string, ctx: CompileContext): void {
  const text = `Didn't find a registered implementation for '${filter.name}' with type URL: '${type}'`;
  ctx.problems.error(filter, "typed_config", text);
}
