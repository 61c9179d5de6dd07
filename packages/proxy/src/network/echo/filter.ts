import type { NetworkFilterWorkerSide } from "../extension.ts";
import { NetworkStatus, type NetworkFilter, type NetworkFilterCallbacks } from "../filter.ts";

/** Sends everything back. A peer that does not read its echo is not read either. */
class EchoFilter implements NetworkFilter {
  readonly #callbacks: NetworkFilterCallbacks;

  constructor(callbacks: NetworkFilterCallbacks) {
    this.#callbacks = callbacks;
  }

  onNewConnection(): NetworkStatus {
    return NetworkStatus.Continue;
  }

  onData(buffer: Buffer, start: number, end: number): NetworkStatus {
    this.#callbacks.connection.writeBytes(buffer.subarray(start, end));
    return NetworkStatus.StopIteration;
  }

  onEndStream(): void {
    this.#callbacks.connection.closeAfterFlush(0);
  }

  onClose(): void {}

  onAboveWriteBufferHighWatermark(): void {
    this.#callbacks.connection.readDisable(true);
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#callbacks.connection.readDisable(false);
  }
}

/** Worker side of the echo filter. */
export const echoWorkerSide: NetworkFilterWorkerSide = {
  configType: "envoy.extensions.filters.network.echo.v3.Echo",
  build: () => ({ halfClose: true, create: (callbacks) => new EchoFilter(callbacks), close() {} }),
};
