/** Bounds of the wait before a control plane is tried again, in milliseconds. */
export interface BackOffSettings {
  readonly baseIntervalMs: number;
  readonly maxIntervalMs: number;
}

/** Envoy's for control planes. */
export const DEFAULT_BACK_OFF: BackOffSettings = { baseIntervalMs: 500, maxIntervalMs: 30_000 };

/** Exponential back-off with full jitter: any wait up to a bound that doubles. */
export class BackOff {
  readonly #settings: BackOffSettings;
  readonly #random: () => number;
  #boundMs: number;

  /** @param random 0 up to 1 */
  constructor(settings: BackOffSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
    this.#boundMs = settings.baseIntervalMs;
  }

  nextMs(): number {
    const boundMs = this.#boundMs;
    this.#boundMs = Math.min(boundMs * 2, this.#settings.maxIntervalMs);
    return Math.floor(this.#random() * boundMs);
  }

  reset(): void {
    this.#boundMs = this.#settings.baseIntervalMs;
  }
}
