import type { TcpProxy } from "@nuncio/api/types/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb";
import type { HashPolicy } from "@nuncio/api/types/envoy/type/v3/hash_policy_pb";
import { compileDuration } from "../../config/durations.ts";
import { implemented as requestIdImplemented } from "../../http/connection-manager/request-id-config.ts";
import type { HashPolicyConfig } from "../../http/hash-policy/model.ts";
import { implemented as headerMutationsImplemented } from "../../http/header-mutations/implemented.ts";
import { compileAccessLogs } from "../../observe/access-log/compile.ts";
import { TCP_PROXY_STATS } from "../../observe/stats/tables/tcp-proxy.ts";
import type { NetworkFilterConfigSide } from "../extension.ts";
import { compileAccessLogOptions } from "./access-log-options.ts";
import type { TcpProxyConfig, WeightedClusterConfig } from "./model.ts";
import { compileOnDemand, implemented as onDemandImplemented } from "./on-demand-config.ts";
import { compileTunneling } from "./tunneling-config.ts";

const TYPE = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
const HOUR_MS = 3_600_000;

/**
 * Main side of the TCP proxy. `metadata_match` is for load balancers that look at it: those that are there do not, so it is
 * taken and changes nothing, as in Envoy.
 */
export const tcpProxyConfigSide: NetworkFilterConfigSide<TcpProxy, TcpProxyConfig> = {
  name: "envoy.filters.network.tcp_proxy",
  configType: TYPE,
  terminal: true,
  implemented: {
    [TYPE]: [
      "stat_prefix",
      "cluster",
      "weighted_clusters",
      "idle_timeout",
      "access_log",
      "max_connect_attempts",
      "hash_policy",
      "metadata_match",
      "max_downstream_connection_duration",
      "max_downstream_connection_duration_jitter_percentage",
      "access_log_flush_interval",
      "flush_access_log_on_connected",
      "access_log_options",
      "tunneling_config",
      "on_demand",
    ],
    [`${TYPE}.TunnelingConfig`]: "all",
    ...onDemandImplemented,
    ...headerMutationsImplemented,
    ...requestIdImplemented,
    [`${TYPE}.TcpAccessLogOptions`]: "all",
    [`${TYPE}.WeightedCluster`]: ["clusters"],
    [`${TYPE}.WeightedCluster.ClusterWeight`]: ["name", "weight", "metadata_match"],
    "envoy.type.v3.HashPolicy": "all",
    "envoy.type.v3.HashPolicy.SourceIp": "all",
    "envoy.type.v3.HashPolicy.FilterState": "all",
  },
  compile(config, ctx) {
    const clusters = compileTargets(config);
    return {
      scope: ctx.stats.scope(`tcp.${config.statPrefix}.`, TCP_PROXY_STATS),
      clusters,
      hashPolicies: config.hashPolicy.flatMap(compileHashPolicy),
      totalWeight: clusters.reduce((sum, { weight }) => sum + weight, 0),
      idleTimeoutMs: compileDuration(config, "idle_timeout", config.idleTimeout, HOUR_MS, ctx),
      maxConnectAttempts: config.maxConnectAttempts ?? 1,
      maxDownstreamConnectionDurationMs: compileDuration(
        config,
        "max_downstream_connection_duration",
        config.maxDownstreamConnectionDuration,
        0,
        ctx,
      ),
      maxDownstreamConnectionDurationJitterPercent:
        config.maxDownstreamConnectionDurationJitterPercentage?.value ?? 0,
      ...compileAccessLogOptions(config, ctx),
      accessLogs: compileAccessLogs(config.accessLog, ctx, ctx.matchers),
      tunneling: compileTunneling(config, ctx),
      onDemand: compileOnDemand(config, ctx),
    };
  },
};

/** Empty for none; validate.rules refuse a policy without a specifier. */
function compileHashPolicy({ policySpecifier: specifier }: HashPolicy): HashPolicyConfig[] {
  switch (specifier.case) {
    case "sourceIp":
      return [{ kind: "source_ip" }];
    case "filterState":
      return [{ kind: "filter_state", key: specifier.value.key }];
    default:
      return [];
  }
}

function compileTargets(config: TcpProxy): WeightedClusterConfig[] {
  const target = config.clusterSpecifier;
  if (target.case === "weightedClusters") {
    return target.value.clusters.map(({ name, weight }) => ({ name, weight }));
  }
  return [{ name: target.value ?? "", weight: 1 }];
}
