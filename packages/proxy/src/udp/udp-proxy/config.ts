import type {
  UdpProxyConfig as UdpProxyMessage,
  UdpProxyConfig_HashPolicy as HashPolicy,
} from "@nuncio/api/types/envoy/extensions/filters/udp/udp_proxy/v3/udp_proxy_pb";
import { compileDuration } from "../../config/durations.ts";
import { compileAccessLogs } from "../../observe/access-log/compile.ts";
import { toByteString } from "../../observe/format/byte-string.ts";
import { UDP_PROXY_STATS } from "../../observe/stats/tables/udp-proxy.ts";
import type { UdpFilterConfigSide } from "../extension.ts";
import { compileUdpSocket } from "../socket-config.ts";
import type { UdpHashPolicyConfig, UdpProxyConfig } from "./model.ts";
import { compileRoute, implemented as routeImplemented } from "./route-config.ts";

const TYPE = "envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig";
const IDLE_TIMEOUT_MS = 60_000;

/** Main side of the UDP proxy. There are no tunnels: what is said of their log lines never comes to pass. */
export const udpProxyConfigSide: UdpFilterConfigSide<UdpProxyMessage, UdpProxyConfig> = {
  configType: TYPE,
  implemented: {
    [TYPE]: [
      "stat_prefix",
      "cluster",
      "matcher",
      "idle_timeout",
      "hash_policies",
      "upstream_socket_config",
      "use_per_packet_load_balancing",
      "access_log",
      "proxy_access_log",
      "access_log_options",
    ],
    [`${TYPE}.HashPolicy`]: "all",
    [`${TYPE}.UdpAccessLogOptions`]: "all",
    ...routeImplemented,
  },
  compile(message, ctx) {
    const options = message.accessLogOptions;
    return {
      scope: ctx.stats.scope(`udp.${message.statPrefix}.`, UDP_PROXY_STATS),
      ...compileRoute(message, ctx),
      idleTimeoutMs: compileDuration(
        message,
        "idle_timeout",
        message.idleTimeout,
        IDLE_TIMEOUT_MS,
        ctx,
      ),
      hashPolicy: compileHashPolicy(message.hashPolicies[0]),
      upstreamSocket: compileUdpSocket(message.upstreamSocketConfig, true),
      usePerPacketLoadBalancing: message.usePerPacketLoadBalancing,
      logIntervalMs:
        options === undefined
          ? 0
          : compileDuration(
              options,
              "access_log_flush_interval",
              options.accessLogFlushInterval,
              0,
              ctx,
            ),
      accessLogs: compileAccessLogs(message.accessLog, ctx, ctx.matchers),
      proxyAccessLogs: compileAccessLogs(message.proxyAccessLog, ctx, ctx.matchers),
    };
  },
};

/** validate.rules allow one at most, and ask for what it is of. */
function compileHashPolicy(policy: HashPolicy | undefined): UdpHashPolicyConfig | null {
  const specifier = policy?.policySpecifier;
  switch (specifier?.case) {
    case "key":
      return { kind: "key", key: toByteString(specifier.value) };
    case "sourceIp":
      return { kind: "source_ip" };
    default:
      return null;
  }
}
