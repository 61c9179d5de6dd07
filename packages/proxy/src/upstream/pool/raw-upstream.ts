import type { Address } from "../../observe/stream-info.ts";
import type { TlsInfo } from "../../observe/tls-info.ts";
import type { CloseReason } from "../../transport/connection.ts";

/** Bytes to a host and back, for one user alone: over a connection of its own, or through a tunnel of HTTP. */
export interface RawUpstream {
  /** Null while connecting. */
  readonly localAddress: Address | null;
  readonly connectionId: number;
  /** What is known of TLS; null over a plain socket. */
  readonly tls: TlsInfo | null;
  /** What was written and not sent, in bytes, and when the last of it went, in monotonic milliseconds. */
  readonly unsentBytes: number;
  readonly lastDrainMs: number;
  /** Sends borrowed bytes. Only when connected. */
  write(data: Buffer): void;
  /** Nothing more will be written; reading goes on. */
  halfClose(): void;
  /** Stops or resumes reading; calls nest. */
  readDisable(disable: boolean): void;
  /** Still sends what was written, and ends then. */
  closeAfterFlush(): void;
  /** Gives it up, connected or not; what was not sent yet is lost. `reset` sends RST where there is a connection. */
  close(reset?: boolean): void;
}

/** Who uses a `RawUpstream`. */
export interface RawUpstreamCallbacks {
  onUpstreamConnected(upstream: RawUpstream): void;
  /** `reason` is text for logs; empty when connect_timeout passed. */
  onUpstreamConnectFailure(reason: string): void;
  onUpstreamData(buffer: Buffer, start: number, end: number): void;
  onUpstreamEndStream(): void;
  onUpstreamClose(reason: CloseReason): void;
  onUpstreamAboveWriteBufferHighWatermark(): void;
  onUpstreamBelowWriteBufferLowWatermark(): void;
}
