import { ResponseFlag, type StreamInfo } from "../stream-info.ts";

/** Bit, `%RESPONSE_FLAGS%` text, `%RESPONSE_FLAGS_LONG%` text. */
type FlagName = readonly [flag: number, short: string, long: string];

/**
 * Envoy prints flags in the order in which they were set. The bits do not keep it, so this is the order in which a
 * stream can meet them: filters, then retries, then the upstream, then the end of the downstream.
 */
const FLAG_NAMES: readonly FlagName[] = [
  [ResponseFlag.DelayInjected, "DI", "DelayInjected"],
  [ResponseFlag.FaultInjected, "FI", "FaultInjected"],
  [ResponseFlag.RateLimited, "RL", "RateLimited"],
  [ResponseFlag.UnauthorizedExternalService, "UAEX", "UnauthorizedExternalService"],
  [ResponseFlag.RateLimitServiceError, "RLSE", "RateLimitServiceError"],
  [ResponseFlag.InvalidEnvoyRequestHeaders, "IH", "InvalidEnvoyRequestHeaders"],
  [ResponseFlag.ResponseFromCacheFilter, "RFCF", "ResponseFromCacheFilter"],
  [ResponseFlag.NoFilterConfigFound, "NFCF", "NoFilterConfigFound"],
  [ResponseFlag.FailedLocalHealthCheck, "LH", "FailedLocalHealthCheck"],
  [ResponseFlag.NoRouteFound, "NR", "NoRouteFound"],
  [ResponseFlag.NoClusterFound, "NC", "NoClusterFound"],
  [ResponseFlag.DropOverLoad, "DO", "DropOverload"],
  [ResponseFlag.UnconditionalDropOverload, "UDO", "UnconditionalDropOverload"],
  [ResponseFlag.UpstreamRetryLimitExceeded, "URX", "UpstreamRetryLimitExceeded"],
  [ResponseFlag.UpstreamOverflow, "UO", "UpstreamOverflow"],
  [ResponseFlag.NoHealthyUpstream, "UH", "NoHealthyUpstream"],
  [ResponseFlag.UpstreamRequestTimeout, "UT", "UpstreamRequestTimeout"],
  [ResponseFlag.LocalReset, "LR", "LocalReset"],
  [ResponseFlag.UpstreamRemoteReset, "UR", "UpstreamRemoteReset"],
  [ResponseFlag.UpstreamConnectionFailure, "UF", "UpstreamConnectionFailure"],
  [ResponseFlag.UpstreamConnectionTermination, "UC", "UpstreamConnectionTermination"],
  [ResponseFlag.UpstreamProtocolError, "UPE", "UpstreamProtocolError"],
  [ResponseFlag.UpstreamMaxStreamDurationReached, "UMSDR", "UpstreamMaxStreamDurationReached"],
  [ResponseFlag.DnsResolutionFailed, "DF", "DnsResolutionFailed"],
  [ResponseFlag.OverloadManager, "OM", "OverloadManagerTerminated"],
  [ResponseFlag.StreamIdleTimeout, "SI", "StreamIdleTimeout"],
  [ResponseFlag.DurationTimeout, "DT", "DurationTimeout"],
  [ResponseFlag.DownstreamProtocolError, "DPE", "DownstreamProtocolError"],
  [ResponseFlag.DownstreamRemoteReset, "DR", "DownstreamRemoteReset"],
  [ResponseFlag.DownstreamConnectionTermination, "DC", "DownstreamConnectionTermination"],
];

/** A TCP proxy notes each failed attempt first, and that there were too many at last. */
const TCP_LAST = ResponseFlag.UpstreamOverflow | ResponseFlag.UpstreamRetryLimitExceeded;
const TCP_FLAG_NAMES: readonly FlagName[] = [
  ...FLAG_NAMES.filter(([flag]) => (flag & TCP_LAST) === 0),
  ...FLAG_NAMES.filter(([flag]) => (flag & TCP_LAST) !== 0).toReversed(),
];

/** `DI,URX,UF`; `-` when no flag is set, in header values and JSON too. */
export function responseFlagsText(info: StreamInfo): string {
  return info.responseFlags === 0 ? "-" : join(info, 1);
}

/** `DelayInjected,UpstreamRetryLimitExceeded`; `-` when no flag is set. */
export function responseFlagsLongText(info: StreamInfo): string {
  return info.responseFlags === 0 ? "-" : join(info, 2);
}

/** The bit of a short name, or 0 when there is no such flag. */
export function responseFlagByName(short: string): number {
  return FLAG_NAMES.find((name) => name[1] === short)?.[0] ?? 0;
}

function join({ responseFlags, accessLogType }: StreamInfo, column: 1 | 2): string {
  let text = "";
  for (const name of accessLogType.startsWith("Tcp") ? TCP_FLAG_NAMES : FLAG_NAMES) {
    if ((responseFlags & name[0]) !== 0) text += text === "" ? name[column] : "," + name[column];
  }
  return text;
}
