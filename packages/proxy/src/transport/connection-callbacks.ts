/** Who ended a connection. `remote` covers FIN (without half close) and reset. */
export type CloseReason = "local" | "remote" | "remote_reset";

export interface ConnectionCallbacks {
  /** Bytes `start` to `end` of `buffer`, borrowed. */
  onData(buffer: Buffer, start: number, end: number): void;
  /** The peer sent FIN. Only with half close enabled; otherwise FIN closes the connection. */
  onEndStream(): void;
  /** The connection is gone. Exactly once, last. */
  onClose(reason: CloseReason): void;
  onAboveWriteBufferHighWatermark(): void;
  onBelowWriteBufferLowWatermark(): void;
}
