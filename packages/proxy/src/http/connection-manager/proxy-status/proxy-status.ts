import type { HeaderMap } from "@nuncio/codec";
import { responseFlagsText } from "../../../observe/format/response-flags.ts";
import { ResponseFlag, type StreamInfo } from "../../../observe/stream-info.ts";
import type { ProxyStatusConfig } from "./model.ts";

/** An error type of RFC 9209 (2.3), with the status that it recommends. */
interface ProxyError {
  readonly name: string;
  readonly status: number;
}

const DESTINATION_UNAVAILABLE: ProxyError = { name: "destination_unavailable", status: 503 };
const CONNECTION_TERMINATED: ProxyError = { name: "connection_terminated", status: 502 };
const CONNECTION_LIMIT: ProxyError = { name: "connection_limit_reached", status: 503 };
const RESPONSE_TIMEOUT: ProxyError = { name: "http_response_timeout", status: 504 };

/** What Envoy makes of its response flags; the first that is set decides. */
const ERRORS: readonly (readonly [flag: number, error: ProxyError])[] = [
  [ResponseFlag.FailedLocalHealthCheck, DESTINATION_UNAVAILABLE],
  [ResponseFlag.NoHealthyUpstream, DESTINATION_UNAVAILABLE],
  [ResponseFlag.UpstreamRequestTimeout, RESPONSE_TIMEOUT],
  [ResponseFlag.LocalReset, { name: "connection_timeout", status: 504 }],
  [ResponseFlag.UpstreamRemoteReset, CONNECTION_TERMINATED],
  [ResponseFlag.UpstreamConnectionFailure, { name: "connection_refused", status: 502 }],
  [ResponseFlag.UpstreamConnectionTermination, CONNECTION_TERMINATED],
  [ResponseFlag.UpstreamOverflow, CONNECTION_LIMIT],
  [ResponseFlag.NoRouteFound, { name: "destination_not_found", status: 500 }],
  [ResponseFlag.RateLimited, CONNECTION_LIMIT],
  [ResponseFlag.RateLimitServiceError, CONNECTION_LIMIT],
  [ResponseFlag.UpstreamRetryLimitExceeded, DESTINATION_UNAVAILABLE],
  [ResponseFlag.StreamIdleTimeout, RESPONSE_TIMEOUT],
  [ResponseFlag.InvalidEnvoyRequestHeaders, { name: "http_request_error", status: 400 }],
  [ResponseFlag.UpstreamMaxStreamDurationReached, RESPONSE_TIMEOUT],
  [ResponseFlag.NoFilterConfigFound, { name: "proxy_configuration_error", status: 500 }],
  [ResponseFlag.UpstreamProtocolError, { name: "http_protocol_error", status: 502 }],
  [ResponseFlag.NoClusterFound, DESTINATION_UNAVAILABLE],
  [ResponseFlag.DnsResolutionFailed, { name: "dns_error", status: 502 }],
];

/**
 * Appends `proxy-status` (RFC 9209) where this proxy failed a request; the details are those of the access log. Changes the
 * status when the configuration says so.
 */
export function addProxyStatus(
  headers: HeaderMap,
  info: StreamInfo,
  config: ProxyStatusConfig,
): void {
  const error = errorOf(info.responseFlags);
  if (error === null) return;
  let value = `${config.name}; error=${error.name}`;
  if (!config.removeDetails) value += `; details="${detailsOf(info, config)}"`;
  const present = headers.get("proxy-status");
  headers.set("proxy-status", present ? `${present}, ${value}` : value);
  if (!config.setRecommendedResponseCode) return;
  headers.status = error.status;
  info.responseCode = error.status;
}

function errorOf(flags: number): ProxyError | null {
  if (flags === 0) return null;
  for (const [flag, error] of ERRORS) {
    if ((flags & flag) !== 0) return error;
  }
  return null;
}

function detailsOf(info: StreamInfo, config: ProxyStatusConfig): string {
  const details = [info.responseCodeDetails];
  if (!config.removeConnectionTerminationDetails) details.push(info.connectionTerminationDetails);
  if (!config.removeResponseFlags) details.push(responseFlagsText(info));
  return details.filter((text) => text !== "").join("; ");
}
