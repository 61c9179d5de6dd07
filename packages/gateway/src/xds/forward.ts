import type {
  RetryPolicy,
  RouteAction,
  WeightedCluster_ClusterWeight,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { PreviousHostsPredicate } from "@nuncio/api/types/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb";
import type { IrForward, IrRoute, IrWeightedCluster } from "../ir/route.ts";
import { headerFields, hostOf } from "./header-mutation.ts";
import { duration, packed, type Field, type Init } from "./message.ts";
import { fullChange, prefixChange } from "./path-change.ts";
import { runtimeFraction } from "./route-match.ts";
import { NO_BACKEND } from "./sources.ts";

/** `RouteAction.ClusterNotFoundResponseCode` */
const NOT_FOUND_CODES = { 500: 2, 503: 0 } as const;
/** What fails before the backend has answered; besides the codes that the route names. */
const RETRY_ON = ["connect-failure", "refused-stream", "reset"];
/** How often another host is looked for that was not tried before. */
const HOST_SELECTION_ATTEMPTS = 5;
/** Unless a route says otherwise. */
const STREAM_IDLE_MS = 300_000;

/** What forwards the requests of a route. */
export function routeAction(route: IrRoute, forward: IrForward): Init<RouteAction> {
  return {
    clusterSpecifier: clusterSpecifier(forward),
    clusterNotFoundResponseCode: NOT_FOUND_CODES[missingStatus(forward)],
    requestMirrorPolicies: forward.mirrors.map(({ cluster, fraction }) => ({
      cluster,
      ...(fraction === undefined ? {} : { runtimeFraction: runtimeFraction(fraction) }),
    })),
    ...hostRewrite(route, forward),
    ...pathRewrite(route, forward),
    ...timeouts(route, forward),
    ...retries(forward),
  };
}

/** True when no backend could ever be sent a request: there is none, or all have the weight 0. */
export function hasNoBackend({ clusters }: IrForward): boolean {
  return clusters.every(({ cluster, weight }) => cluster === null || weight === 0);
}

/** What requests get for which there is no backend. */
export function missingStatus({ missingBackendStatus }: IrForward): 500 | 503 {
  return missingBackendStatus ?? 500;
}

function clusterSpecifier({ clusters }: IrForward): Field<RouteAction, "clusterSpecifier"> {
  const used = clusters.filter(({ weight }) => weight > 0);
  const [only] = used;
  if (only !== undefined && used.length === 1 && !hasHeaders(only))
    return { case: "cluster", value: only.cluster ?? NO_BACKEND };
  return { case: "weightedClusters", value: { clusters: used.map(weightedCluster) } };
}

function hasHeaders({ requestHeaders, responseHeaders }: IrWeightedCluster): boolean {
  return requestHeaders !== undefined || responseHeaders !== undefined;
}

function weightedCluster(one: IrWeightedCluster): Init<WeightedCluster_ClusterWeight> {
  const { cluster, weight, requestHeaders, responseHeaders } = one;
  const host = hostOf(requestHeaders);
  return {
    name: cluster ?? NO_BACKEND,
    weight,
    ...headerFields(requestHeaders, responseHeaders),
    ...(host === undefined
      ? {}
      : { hostRewriteSpecifier: { case: "hostRewriteLiteral", value: host } }),
  };
}

function hostRewrite({ requestHeaders }: IrRoute, { rewrite }: IrForward): Init<RouteAction> {
  const host = rewrite?.hostname ?? hostOf(requestHeaders);
  if (host === undefined) return {};
  return {
    hostRewriteSpecifier: { case: "hostRewriteLiteral", value: host },
    appendXForwardedHost: true,
  };
}

function pathRewrite({ match }: IrRoute, { rewrite }: IrForward): Init<RouteAction> {
  const path = rewrite?.path;
  if (path === undefined) return {};
  const change = path.kind === "full" ? fullChange(path) : prefixChange(match.path, path);
  return "prefix" in change ? { prefixRewrite: change.prefix } : { regexRewrite: change.regex };
}

/** Envoy ends a request after 15 s unless told otherwise. */
function timeouts({ match }: IrRoute, forward: IrForward): Init<RouteAction> {
  const limitMs = wholeLimitMs(forward);
  if (limitMs !== undefined) return { timeout: duration(limitMs), ...idleTimeout(limitMs) };
  // A call of gRPC may be a stream without end; its client says how long it is to take.
  return match.grpc === true
    ? { timeout: duration(0), maxStreamDuration: { grpcTimeoutHeaderMax: duration(0) } }
    : {};
}

/** Envoy ends an exchange in which nothing comes for five minutes: not before its own limit. */
function idleTimeout(limitMs: number): Init<RouteAction> {
  return limitMs === 0 || limitMs > STREAM_IDLE_MS ? { idleTimeout: duration(limitMs) } : {};
}

/** How long the whole exchange may take, 0 for ever; undefined where the route says nothing of times. */
function wholeLimitMs({ timeoutMs, backendTimeoutMs, retry }: IrForward): number | undefined {
  if (backendTimeoutMs === undefined) return timeoutMs;
  // Each attempt has its own limit, which may be longer than Envoy's for all of them.
  if (retry !== undefined || backendTimeoutMs === 0) return timeoutMs ?? 0;
  // There is one attempt: the shorter limit is the one that counts.
  return timeoutMs === undefined || timeoutMs === 0
    ? backendTimeoutMs
    : Math.min(timeoutMs, backendTimeoutMs);
}

function retries({ retry, backendTimeoutMs }: IrForward): Init<RouteAction> {
  if (retry === undefined) return {};
  const { statusCodes, attempts, backoffMs } = retry;
  const retryPolicy: Init<RetryPolicy> = {
    retryOn: [...RETRY_ON, ...(statusCodes.length === 0 ? [] : ["retriable-status-codes"])].join(
      ",",
    ),
    retriableStatusCodes: [...statusCodes],
    numRetries: attempts,
    ...(backendTimeoutMs === undefined || backendTimeoutMs === 0
      ? {}
      : { perTryTimeout: duration(backendTimeoutMs) }),
    ...(backoffMs === undefined ? {} : { retryBackOff: { baseInterval: duration(backoffMs) } }),
    retryHostPredicate: [
      {
        name: "envoy.retry_host_predicates.previous_hosts",
        configType: {
          case: "typedConfig",
          value: packed<PreviousHostsPredicate>(
            "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
            {},
          ),
        },
      },
    ],
    hostSelectionRetryMaxAttempts: BigInt(HOST_SELECTION_ATTEMPTS),
  };
  return { retryPolicy };
}
