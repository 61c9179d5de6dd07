import type { StreamInfo, UpstreamInfo } from "../../observe/stream-info.ts";
import type { Host } from "../../upstream/host.ts";
import type { UpstreamStream } from "../../upstream/pool/upstream-stream.ts";

// What the log is told of the attempts of one request.

/** The pool took the request for its host, whatever becomes of it; the log knows the host from here on. */
export function noteHost(upstream: UpstreamInfo, host: Host): void {
  upstream.hostAddress = host.address;
  upstream.hostName = host.hostname;
  upstream.hostMetadata = host.metadata;
  upstream.locality = host.locality;
}

/** `waitedMs`: from the request for a connection to its coming. */
export function noteConnection(
  upstream: UpstreamInfo,
  { carrier }: UpstreamStream,
  waitedMs: number,
): void {
  upstream.connectionId = carrier.socket.id;
  upstream.localAddress = carrier.localAddress;
  upstream.protocol = carrier.protocol;
  upstream.tls = carrier.socket.tls;
  upstream.connectStartMs = carrier.startMs;
  upstream.connectEndMs = carrier.connectedMs;
  upstream.poolReadyDurationMs = waitedMs;
}

/** The pool has no connection for the request: it waited for that, too. */
export function noteNoConnection(upstream: UpstreamInfo, waitedMs: number): void {
  if (upstream.poolReadyDurationMs < 0) upstream.poolReadyDurationMs = waitedMs;
}

/** Another attempt begins: of the one before nothing is told, as by Envoy. */
export function noteNextAttempt(info: StreamInfo): void {
  const { upstream } = info;
  info.firstUpstreamTxByteMs = -1;
  info.lastUpstreamTxByteMs = -1;
  info.firstUpstreamRxByteMs = -1;
  upstream.poolReadyDurationMs = -1;
  upstream.transportFailureReason = "";
  upstream.tls = null;
  upstream.protocol = "";
  upstream.hostAddress = null;
  upstream.localAddress = null;
}

/** The stream leaves the request. */
export function noteBytes(info: StreamInfo, stream: UpstreamStream): void {
  info.upstreamWireBytesSent += stream.wireBytesSent;
  info.upstreamHeaderBytesSent += stream.headerBytesSent;
  info.upstreamWireBytesReceived += stream.wireBytesReceived;
  info.upstreamHeaderBytesReceived += stream.headerBytesReceived;
  info.upstreamTrailerBytesReceived += stream.trailerBytesReceived;
}
