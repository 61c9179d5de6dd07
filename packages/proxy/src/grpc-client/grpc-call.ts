import { GrpcStatus, type GrpcCallCallbacks, type GrpcStreamCallbacks } from "./callbacks.ts";

/** What makes a stream a call of one message each way: the answer counts when the status says so. */
export class GrpcCall implements GrpcStreamCallbacks {
  readonly #callbacks: GrpcCallCallbacks;
  #response: Buffer | null = null;

  constructor(callbacks: GrpcCallCallbacks) {
    this.#callbacks = callbacks;
  }

  onReceiveInitialMetadata(): void {}
  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}

  onReceiveMessage(message: Buffer): void {
    // Its status comes later, in another piece.
    this.#response = Buffer.from(message);
  }

  onRemoteClose(status: number, message: string): void {
    if (status !== GrpcStatus.Ok) this.#callbacks.onFailure(status, message);
    else if (this.#response === null) this.#callbacks.onFailure(GrpcStatus.Internal, "");
    else this.#callbacks.onSuccess(this.#response);
  }
}
