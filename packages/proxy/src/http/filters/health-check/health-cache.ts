import { sharedNowMs } from "../../../base/shared-clock.ts";
import type { HealthCacheConfig } from "./model.ts";

export interface CachedHealth {
  readonly status: number;
  readonly degraded: boolean;
}

const STATUS_BITS = 10;
const DEGRADED = 1 << STATUS_BITS;
const STATUS = DEGRADED - 1;
const PERIOD_SHIFT = STATUS_BITS + 1;
/** Fits beside them; it is never 0, which is how the cell begins. */
const PERIODS = 2 ** 20;

/**
 * Keeps the upstream's answer to a health check for all threads. Time is cut in periods, and an answer is good for the rest of
 * its own: as with a timer that empties the cache again and again, as in Envoy.
 */
export class HealthCache {
  readonly #cell: Int32Array;
  readonly #timeMs: number;
  readonly #nowMs: () => number;

  /** The clock has to be the same for all threads. */
  constructor({ timeMs, cell }: HealthCacheConfig, nowMs: () => number = sharedNowMs) {
    this.#cell = new Int32Array(cell);
    this.#timeMs = timeMs;
    this.#nowMs = nowMs;
  }

  /** Null where there is none. */
  get current(): CachedHealth | null {
    const cell = Atomics.load(this.#cell, 0);
    if (cell >>> PERIOD_SHIFT !== this.#period()) return null;
    return { status: cell & STATUS, degraded: (cell & DEGRADED) !== 0 };
  }

  set({ status, degraded }: CachedHealth): void {
    const answer = (status & STATUS) | (degraded ? DEGRADED : 0);
    Atomics.store(this.#cell, 0, (this.#period() << PERIOD_SHIFT) | answer);
  }

  #period(): number {
    return 1 + (Math.floor(this.#nowMs() / this.#timeMs) % PERIODS);
  }
}
