import { ResponseFlag } from "../../../observe/stream-info.ts";
import type { MessageWriter } from "../../../protobuf/message-writer.ts";

/** Each flag of `envoy.data.accesslog.v3.ResponseFlags` and its field. Flags that came later have none, as in Envoy. */
const FIELDS: readonly (readonly [flag: number, field: number])[] = [
  [ResponseFlag.FailedLocalHealthCheck, 1],
  [ResponseFlag.NoHealthyUpstream, 2],
  [ResponseFlag.UpstreamRequestTimeout, 3],
  [ResponseFlag.LocalReset, 4],
  [ResponseFlag.UpstreamRemoteReset, 5],
  [ResponseFlag.UpstreamConnectionFailure, 6],
  [ResponseFlag.UpstreamConnectionTermination, 7],
  [ResponseFlag.UpstreamOverflow, 8],
  [ResponseFlag.NoRouteFound, 9],
  [ResponseFlag.DelayInjected, 10],
  [ResponseFlag.FaultInjected, 11],
  [ResponseFlag.RateLimited, 12],
  [ResponseFlag.RateLimitServiceError, 14],
  [ResponseFlag.DownstreamConnectionTermination, 15],
  [ResponseFlag.UpstreamRetryLimitExceeded, 16],
  [ResponseFlag.StreamIdleTimeout, 17],
  [ResponseFlag.InvalidEnvoyRequestHeaders, 18],
  [ResponseFlag.DownstreamProtocolError, 19],
  [ResponseFlag.UpstreamMaxStreamDurationReached, 20],
  [ResponseFlag.ResponseFromCacheFilter, 21],
  [ResponseFlag.NoFilterConfigFound, 22],
  [ResponseFlag.DurationTimeout, 23],
  [ResponseFlag.UpstreamProtocolError, 24],
  [ResponseFlag.NoClusterFound, 25],
  [ResponseFlag.OverloadManager, 26],
  [ResponseFlag.DnsResolutionFailed, 27],
  [ResponseFlag.DownstreamRemoteReset, 28],
];

const UNAUTHORIZED_DETAILS = 13;
/** `Unauthorized.Reason.EXTERNAL_SERVICE` */
const EXTERNAL_SERVICE = 1;

/** The fields of `envoy.data.accesslog.v3.ResponseFlags`. */
export function writeResponseFlags(writer: MessageWriter, flags: number): void {
  for (const [flag, field] of FIELDS) writer.bool(field, (flags & flag) !== 0);
  if ((flags & ResponseFlag.UnauthorizedExternalService) === 0) return;
  const details = writer.begin(UNAUTHORIZED_DETAILS);
  writer.uint(1, EXTERNAL_SERVICE);
  writer.end(details);
}
