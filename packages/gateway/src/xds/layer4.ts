import type { Filter } from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { ListenerFilter } from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { TcpProxy } from "@nuncio/api/types/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb";
import type { Route } from "@nuncio/api/types/envoy/extensions/filters/udp/udp_proxy/v3/route_pb";
import type { UdpProxyConfig } from "@nuncio/api/types/envoy/extensions/filters/udp/udp_proxy/v3/udp_proxy_pb";
import type { SourcePortInput } from "@nuncio/api/types/envoy/extensions/matching/common_inputs/network/v3/network_inputs_pb";
import type { RuntimeFraction } from "@nuncio/api/types/envoy/extensions/matching/input_matchers/runtime_fraction/v3/runtime_fraction_pb";
import type { Matcher, Matcher_OnMatch } from "@nuncio/api/types/xds/type/matcher/v3/matcher_pb";
import type { IrL4Route, IrL4WeightedCluster } from "../ir/listener.ts";
import { duration, extension, packed, type Field, type Init } from "./message.ts";
import { runtimeFraction } from "./route-match.ts";
import { NO_BACKEND } from "./sources.ts";

/** Sends connections on; one for which there is no backend is closed. */
export function tcpProxy(route: IrL4Route): Init<Filter> {
  const { name, typedConfig } = extension<TcpProxy>(
    "envoy.filters.network.tcp_proxy",
    "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
    {
      statPrefix: route.name,
      clusterSpecifier: tcpClusters(usedClusters(route)),
      ...(route.idleTimeoutMs === undefined ? {} : { idleTimeout: duration(route.idleTimeoutMs) }),
    },
  );
  return { name, configType: { case: "typedConfig", value: typedConfig } };
}

function tcpClusters(used: readonly IrL4WeightedCluster[]): Field<TcpProxy, "clusterSpecifier"> {
  if (used.length < 2) return { case: "cluster", value: used[0]?.cluster ?? NO_BACKEND };
  return {
    case: "weightedClusters",
    value: {
      clusters: used.map(({ cluster, weight }) => ({ name: cluster ?? NO_BACKEND, weight })),
    },
  };
}

/** Sends datagrams on; those for which there is no backend are dropped. */
export function udpProxy(route: IrL4Route): Init<ListenerFilter> {
  const { name, typedConfig } = extension<UdpProxyConfig>(
    "envoy.filters.udp_listener.udp_proxy",
    "envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig",
    {
      statPrefix: route.name,
      routeSpecifier: { case: "matcher", value: udpMatcher(usedClusters(route)) },
      ...(route.idleTimeoutMs === undefined ? {} : { idleTimeout: duration(route.idleTimeoutMs) }),
    },
  );
  return { name, configType: { case: "typedConfig", value: typedConfig } };
}

/**
 * Envoy's UDP proxy knows no weights. So the port that a client sends from decides: the first cluster takes its share of
 * all of them, the second one its share of the rest, and so on.
 */
function udpMatcher(used: readonly IrL4WeightedCluster[]): Init<Matcher> {
  const last = used.at(-1);
  const onNoMatch = udpAction(last?.cluster ?? NO_BACKEND);
  if (used.length < 2) return { onNoMatch };
  let rest = used.reduce((sum, { weight }) => sum + weight, 0);
  const matchers = used.slice(0, -1).map(({ cluster, weight }, index) => {
    const fraction = { numerator: weight, denominator: rest };
    rest -= weight;
    return {
      predicate: {
        matchType: {
          case: "singlePredicate" as const,
          value: {
            input: extension<SourcePortInput>(
              "source_port",
              "envoy.extensions.matching.common_inputs.network.v3.SourcePortInput",
              {},
            ),
            matcher: {
              case: "customMatch" as const,
              value: extension<RuntimeFraction>(
                "share",
                "envoy.extensions.matching.input_matchers.runtime_fraction.v3.RuntimeFraction",
                // Another seed each: the shares do not depend on one another.
                { runtimeFraction: runtimeFraction(fraction), seed: BigInt(index + 1) },
              ),
            },
          },
        },
      },
      onMatch: udpAction(cluster ?? NO_BACKEND),
    };
  });
  return { matcherType: { case: "matcherList", value: { matchers } }, onNoMatch };
}

function udpAction(cluster: string): Init<Matcher_OnMatch> {
  const typedConfig = packed<Route>("envoy.extensions.filters.udp.udp_proxy.v3.Route", { cluster });
  return { onMatch: { case: "action", value: { name: "route", typedConfig } } };
}

function usedClusters({ clusters }: IrL4Route): IrL4WeightedCluster[] {
  return clusters.filter(({ weight }) => weight > 0);
}
