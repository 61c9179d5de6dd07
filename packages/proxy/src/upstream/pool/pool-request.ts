import type { HeaderMap } from "@nuncio/codec";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import type { PoolServices } from "./http-pool.ts";
import type { UpstreamStream } from "./upstream-stream.ts";

/** Why an upstream request ended without a complete response (Envoy's `StreamResetReason`). */
export type ResetReason =
  | "local_connection_failure"
  | "remote_connection_failure"
  | "connection_timeout"
  | "connection_termination"
  | "remote_reset"
  | "remote_refused_stream_reset"
  | "connect_error"
  | "protocol_error"
  | "overflow";

/** Where requests get their streams: the connections of one host, as far as requests know them. */
export interface RequestPool {
  readonly cluster: Cluster;
  readonly host: Host;
  readonly services: PoolServices;
  /** Counts for the cluster. */
  count(stat: number, by?: number): void;
  /** Gives `request` a stream: at once, later, or never. It is told by its own callbacks. */
  newStream(request: PoolRequest): void;
  /** The request is not interested any more; only while it is pending. */
  cancel(request: PoolRequest): void;
}

/** One request on its way to a host: waits in the pool, then owns a connection, then gets the response. */
export interface PoolRequest {
  /** Links of the pool's queue; the pool's business. */
  nextPending: PoolRequest | null;
  previousPending: PoolRequest | null;
  pending: boolean;

  /** There is a stream for it, which is this request's until its response is complete or it is reset. */
  onPoolReady(stream: UpstreamStream): void;
  /**
   * There will be none. `details` is text for logs: `delayed connect error: Connection refused`. `refused` says that the
   * request did not even get a place in the queue.
   */
  onPoolFailure(reason: ResetReason, details: string, refused: boolean): void;
  /** The exchange is over, one way or another; the stream may be another's right behind this: read its counts now. */
  onPoolRelease(): void;
  onUpstream1xxHeaders(headers: HeaderMap): void;
  onUpstreamHeaders(headers: HeaderMap, endStream: boolean): void;
  onUpstreamData(data: Buffer, endStream: boolean): void;
  onUpstreamTrailers(trailers: HeaderMap): void;
  /**
   * The connection failed. `untouched` says that the kernel took nothing of the request, so that another connection
   * may try it without risk.
   */
  onUpstreamReset(reason: ResetReason, details: string, untouched: boolean): void;
  /** The connection's output piles up, and is gone again. */
  onUpstreamAboveWriteBufferHighWatermark(): void;
  onUpstreamBelowWriteBufferLowWatermark(): void;
}
