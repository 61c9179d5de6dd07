import type { HeaderMap } from "@nuncio/codec";

/** Codes that the client itself ends calls with (gRPC, "Status codes and their use in gRPC"). */
export const GrpcStatus = {
  Ok: 0,
  Unknown: 2,
  ResourceExhausted: 8,
  Internal: 13,
  Unavailable: 14,
} as const;

/** Told of a streaming call. Calls may come from within `start` and `send`. */
export interface GrpcStreamCallbacks {
  /** The head of the response, when it does not end the call at once. */
  onReceiveInitialMetadata(metadata: HeaderMap): void;
  /** A whole message, without its frame; borrowed: valid until the call returns. */
  onReceiveMessage(message: Buffer): void;
  /**
   * The call is over, by the other side or because there is none; nothing follows. `message` is a byte string. `trailers` are
   * those of the response; null when it did not come so far.
   */
  onRemoteClose(status: number, message: string, trailers: HeaderMap | null): void;
  /** What is sent piles up, and is gone again. */
  onAboveWriteBufferHighWatermark(): void;
  onBelowWriteBufferLowWatermark(): void;
}

/** Told of a call of one message, which is answered by one. Exactly one of both is called, once. */
export interface GrpcCallCallbacks {
  /** The answer; borrowed. */
  onSuccess(response: Buffer): void;
  /** `message` is a byte string; empty where there is nothing to say. */
  onFailure(status: number, message: string): void;
}
