import type { Clock } from "../types/clock.ts";

/** `rate_limit_settings`. */
export interface RequestLimitSettings {
  readonly maxTokens: number;
  /** Tokens per second. */
  readonly fillRate: number;
}

/** What Envoy takes when `rate_limit_settings` leaves a field out. */
export const DEFAULT_REQUEST_LIMIT: RequestLimitSettings = { maxTokens: 100, fillRate: 10 };

/** A token bucket for the requests of a stream. */
export class RequestLimit {
  readonly #settings: RequestLimitSettings;
  readonly #clock: Clock;
  #tokens: number;
  #atMs: number;

  constructor(settings: RequestLimitSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#tokens = settings.maxTokens;
    this.#atMs = clock.nowMs();
  }

  /** Milliseconds until a request may be sent; 0: now. */
  waitMs(): number {
    this.#fill();
    const missing = 1 - this.#tokens;
    return missing <= 0 ? 0 : Math.ceil((missing / this.#settings.fillRate) * 1000);
  }

  /** A request was sent. */
  take(): void {
    this.#fill();
    this.#tokens -= 1;
  }

  #fill(): void {
    const nowMs = this.#clock.nowMs();
    const come = ((nowMs - this.#atMs) / 1000) * this.#settings.fillRate;
    this.#tokens = Math.min(this.#settings.maxTokens, this.#tokens + come);
    this.#atMs = nowMs;
  }
}
