import type { HeaderMap } from "@nuncio/codec";
import type { ResetReason } from "../../upstream/pool/pool-request.ts";
import type { UpstreamStream } from "../../upstream/pool/upstream-stream.ts";
import type { UpstreamRequest } from "./upstream-request.ts";

/** Who sends a request upstream, in one attempt or several at once; each call says which one it comes from. */
export interface UpstreamOwner {
  /** Of the request, for as long as there is no connection. */
  readonly bufferLimitBytes: number;
  /** Stops or resumes the sender of the request; calls nest. */
  pushBack(on: boolean): void;
  /** The pool took the request for its host. */
  onUpstreamHost(request: UpstreamRequest): void;
  onUpstreamConnected(request: UpstreamRequest, stream: UpstreamStream): void;
  /** Some of the request went to the connection. */
  onUpstreamSent(request: UpstreamRequest, endStream: boolean): void;
  onUpstream1xxHeaders(request: UpstreamRequest, headers: HeaderMap): void;
  onUpstreamHeaders(request: UpstreamRequest, headers: HeaderMap, endStream: boolean): void;
  onUpstreamData(request: UpstreamRequest, data: Buffer, endStream: boolean): void;
  onUpstreamTrailers(request: UpstreamRequest, trailers: HeaderMap): void;
  /** The attempt failed; see `PoolRequest`. Not called after `reset()`. */
  onUpstreamReset(
    request: UpstreamRequest,
    reason: ResetReason,
    details: string,
    untouched: boolean,
  ): void;
  /** `perTryTimeoutMs` passed without a response, or (`idle`) `perTryIdleTimeoutMs` without anything; the attempt was given up. */
  onPerTryTimeout(request: UpstreamRequest, idle: boolean): void;
  /** The same of a `hedged` attempt, which goes on. */
  onSoftTimeout(request: UpstreamRequest): void;
  /** `maxDurationMs` passed; the attempt was given up. */
  onStreamDurationReached(request: UpstreamRequest): void;
  /** The stream goes to others: its counts are to be read now. */
  onUpstreamReleased(request: UpstreamRequest, stream: UpstreamStream): void;
}
