import { BackOff } from "@nuncio/xds";

export interface RestartDelayOptions {
  readonly baseIntervalMs: number;
  readonly maxIntervalMs: number;
  /** Monotonic. */
  readonly nowMs?: () => number;
  /** 0 up to 1. */
  readonly random?: () => number;
}

/**
 * How long a process that has ended waits before it is started again: longer each time, until one has run for longer than
 * the longest wait.
 */
export class RestartDelay {
  readonly #backOff: BackOff;
  readonly #healthyMs: number;
  readonly #nowMs: () => number;
  #startedAtMs = 0;

  constructor({
    nowMs = () => performance.now(),
    random = Math.random,
    ...bounds
  }: RestartDelayOptions) {
    this.#backOff = new BackOff(bounds, random);
    this.#healthyMs = bounds.maxIntervalMs;
    this.#nowMs = nowMs;
  }

  started(): void {
    this.#startedAtMs = this.#nowMs();
  }

  /** The process has ended. */
  nextMs(): number {
    if (this.#nowMs() - this.#startedAtMs > this.#healthyMs) this.#backOff.reset();
    return this.#backOff.nextMs();
  }
}
