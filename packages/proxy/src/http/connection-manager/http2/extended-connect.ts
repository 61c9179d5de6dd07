import { Http2ErrorCode, type HeaderMap } from "@nuncio/codec";
import { ResponseFlag, type StreamInfo } from "../../../observe/stream-info.ts";

/**
 * Filters and upstreams of HTTP/1 know a switch of protocols as `upgrade`; so an extended CONNECT (RFC 8441) becomes one on
 * its way in, as in Envoy.
 */
export function fromExtendedConnect(headers: HeaderMap): void {
  headers.method = "GET";
  headers.set("upgrade", headers.protocol);
  headers.set("connection", "upgrade");
  headers.protocol = "";
}

/** The answer to it: 101 is 200, and nothing is said of the connection. The given one stays as it is, for the log. */
export function toExtendedConnect(headers: HeaderMap): HeaderMap {
  const answer = headers.clone();
  if (answer.status === 101) answer.status = 200;
  answer.remove("upgrade");
  answer.remove("connection");
  return answer;
}

/** The code of a tunnel's reset: whether it was the host's connection that failed (RFC 9113 8.5), else `otherwise`. */
export function tunnelResetCode(
  { upgradeType, responseFlags }: StreamInfo,
  otherwise: number,
): number {
  const failed = (responseFlags & HOST_FAILED) !== 0;
  return upgradeType !== "" && failed ? Http2ErrorCode.ConnectError : otherwise;
}

const HOST_FAILED =
  ResponseFlag.UpstreamConnectionFailure | ResponseFlag.UpstreamConnectionTermination;
