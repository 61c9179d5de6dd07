import type { CloseReason } from "../../transport/connection.ts";
import type { NetworkFilter, NetworkStatus } from "../filter.ts";

/** Told when a connection that it counts is gone. */
export interface FilterCounter {
  leave(): void;
}

/** A filter, and somebody who counts its connection. */
export class CountedFilter implements NetworkFilter {
  readonly #filter: NetworkFilter;
  readonly #counter: FilterCounter;

  constructor(filter: NetworkFilter, counter: FilterCounter) {
    this.#filter = filter;
    this.#counter = counter;
  }

  onNewConnection(): NetworkStatus {
    return this.#filter.onNewConnection();
  }

  onData(buffer: Buffer, start: number, end: number): NetworkStatus {
    return this.#filter.onData(buffer, start, end);
  }

  onEndStream(): void {
    this.#filter.onEndStream();
  }

  onClose(reason: CloseReason): void {
    try {
      this.#filter.onClose(reason);
    } finally {
      this.#counter.leave();
    }
  }

  onAboveWriteBufferHighWatermark(): void {
    this.#filter.onAboveWriteBufferHighWatermark();
  }

  onBelowWriteBufferLowWatermark(): void {
    this.#filter.onBelowWriteBufferLowWatermark();
  }

  onDrain(): void {
    this.#filter.onDrain?.();
  }
}
