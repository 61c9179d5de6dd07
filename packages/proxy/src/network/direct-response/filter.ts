import type { NetworkFilterWorkerSide } from "../extension.ts";
import { NetworkStatus, type NetworkFilter, type NetworkFilterCallbacks } from "../filter.ts";
import type { DirectResponseConfig } from "./config.ts";

/** Sends a fixed answer to every new connection and closes it. */
class DirectResponseFilter implements NetworkFilter {
  readonly #callbacks: NetworkFilterCallbacks;
  readonly #response: Buffer;

  constructor(callbacks: NetworkFilterCallbacks, response: Buffer) {
    this.#callbacks = callbacks;
    this.#response = response;
  }

  onNewConnection(): NetworkStatus {
    const { connection, streamInfo } = this.#callbacks;
    streamInfo.responseCodeDetails = "direct_response";
    connection.writeBytes(this.#response);
    connection.closeAfterFlush(LINGER_MS);
    return NetworkStatus.StopIteration;
  }

  onData(): NetworkStatus {
    return NetworkStatus.StopIteration;
  }

  onEndStream(): void {}
  onClose(): void {}
  onAboveWriteBufferHighWatermark(): void {}
  onBelowWriteBufferLowWatermark(): void {}
}

/** Time for a peer that still sends to read the answer. */
const LINGER_MS = 1000;

/** Worker side of the direct response filter. */
export const directResponseWorkerSide: NetworkFilterWorkerSide<DirectResponseConfig> = {
  configType: "envoy.extensions.filters.network.direct_response.v3.Config",
  build(config) {
    const response = Buffer.from(config.response);
    return {
      halfClose: true,
      create: (callbacks) => new DirectResponseFilter(callbacks, response),
      close() {},
    };
  },
};
