import type { ConnectionCallbacks } from "./connection.ts";

/** Of a connection that nobody listens to yet. */
export const NO_CALLBACKS: ConnectionCallbacks = {
  onData(): void {},
  onEndStream(): void {},
  onClose(): void {},
  onAboveWriteBufferHighWatermark(): void {},
  onBelowWriteBufferLowWatermark(): void {},
};
