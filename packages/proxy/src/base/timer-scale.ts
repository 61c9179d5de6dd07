/** The timeouts that may be reduced under pressure, by the numbers of Envoy's `TimerType`; 0 for all others. */
export const TimerKind = {
  Fixed: 0,
  HttpDownstreamConnectionIdle: 1,
  HttpDownstreamStreamIdle: 2,
  TransportSocketConnect: 3,
  HttpDownstreamConnectionMax: 4,
  HttpDownstreamStreamFlush: 5,
} as const;
export type TimerKind = (typeof TimerKind)[keyof typeof TimerKind];

/** How many kinds there are, `Fixed` among them. */
export const TIMER_KINDS = 6;

/** How short a timeout may become: a time, or a share (0 to 1) of the whole one. */
export type TimerMinimum = { readonly minTimeoutMs: number } | { readonly minScale: number };

/** How much is left of timeouts under pressure. */
export class TimerScale {
  readonly #minimums: readonly (TimerMinimum | null)[];
  /** By kind: 1 for the whole time, 0 for the minimum. */
  factors: readonly number[] = Array.from({ length: TIMER_KINDS }, () => 1);

  constructor(minimums: readonly (TimerMinimum | null)[]) {
    this.#minimums = minimums;
  }

  /** Of a timeout of `fullMs`. */
  delayMs(kind: TimerKind, fullMs: number): number {
    const minimum = this.#minimums[kind] ?? null;
    if (minimum === null) return fullMs;
    const minMs =
      "minTimeoutMs" in minimum
        ? Math.min(minimum.minTimeoutMs, fullMs)
        : minimum.minScale * fullMs;
    return minMs + (fullMs - minMs) * this.factors[kind]!;
  }
}
