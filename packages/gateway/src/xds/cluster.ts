import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type { HttpProtocolOptions } from "@nuncio/api/types/envoy/extensions/upstreams/http/v3/http_protocol_options_pb";
import type { IrCluster, IrEndpoints } from "../ir/cluster.ts";
import { endpointsMessage } from "./endpoints.ts";
import { HTTP2_LIMITS } from "./http-connection-manager.ts";
import { BUFFER_BYTES_MAX } from "./listener.ts";
import { duration, message, packed, type Field, type Init } from "./message.ts";
import { originOf } from "./metadata.ts";
import { ads, type Inline } from "./sources.ts";
import { upstreamTls } from "./upstream-tls.ts";

/** `Cluster.DiscoveryType` */
const STATIC = 0;
const STRICT_DNS = 1;
const EDS = 3;
/** `Cluster.LbPolicy` */
const LEAST_REQUEST = 1;

const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const CONNECT_TIMEOUT_MS = 10_000;
/** How many retries may be under way at once. */
const RETRIES_MAX = 1024;
const DNS_REFRESH_MS = 30_000;

/**
 * A backend.
 *
 * @param endpoints of a cluster whose endpoints are looked up by name: these do not come by themselves
 */
export function clusterMessage(
  cluster: IrCluster,
  endpoints: IrEndpoints | undefined,
  inline?: Inline,
): Cluster {
  return message<Cluster>("envoy.config.cluster.v3.Cluster", {
    name: cluster.name,
    metadata: originOf(cluster.backend),
    connectTimeout: duration(CONNECT_TIMEOUT_MS),
    perConnectionBufferLimitBytes: BUFFER_BYTES_MAX,
    lbPolicy: LEAST_REQUEST,
    circuitBreakers: { thresholds: [{ maxRetries: RETRIES_MAX }] },
    // What is gone from the endpoints is gone, whatever a health check last said of it.
    ignoreHealthOnHostRemoval: true,
    ...discovery(cluster, endpoints, inline),
    ...protocolOptions(cluster),
    ...(cluster.tls === undefined ? {} : { transportSocket: upstreamTls(cluster.tls, inline) }),
  });
}

function discovery(
  { name, discovery: how, protocol }: IrCluster,
  endpoints: IrEndpoints | undefined,
  inline: Inline | undefined,
): Init<Cluster> {
  if (how === "endpoints" && inline === undefined)
    return {
      clusterDiscoveryType: { case: "type", value: EDS },
      edsClusterConfig: { edsConfig: ads() },
    };
  const known = endpoints ?? inline?.endpoints(name) ?? { name, gateway: "", endpoints: [] };
  const loadAssignment = endpointsMessage(known, protocol === "udp" ? "udp" : "tcp");
  if (how === "endpoints")
    return { clusterDiscoveryType: { case: "type", value: STATIC }, loadAssignment };
  return {
    clusterDiscoveryType: { case: "type", value: STRICT_DNS },
    loadAssignment,
    dnsRefreshRate: duration(DNS_REFRESH_MS),
    respectDnsTtl: true,
  };
}

function protocolOptions({ protocol }: IrCluster): Init<Cluster> {
  if (protocol === "tcp" || protocol === "udp") return {};
  return {
    typedExtensionProtocolOptions: {
      [HTTP_OPTIONS]: packed<HttpProtocolOptions>(HTTP_OPTIONS, {
        upstreamProtocolOptions: httpOptions(protocol),
      }),
    },
  };
}

function httpOptions(
  protocol: "http1" | "http2" | "client",
): Field<HttpProtocolOptions, "upstreamProtocolOptions"> {
  if (protocol === "client")
    return {
      case: "useDownstreamProtocolConfig",
      value: { httpProtocolOptions: {}, http2ProtocolOptions: HTTP2_LIMITS },
    };
  return {
    case: "explicitHttpConfig",
    value: {
      protocolConfig:
        protocol === "http1"
          ? { case: "httpProtocolOptions", value: {} }
          : { case: "http2ProtocolOptions", value: HTTP2_LIMITS },
    },
  };
}
