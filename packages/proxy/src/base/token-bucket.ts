/** Where all threads see one bucket; main makes it. */
export interface TokenBucketConfig {
  readonly maxTokens: number;
  /** Time in which one token comes. */
  readonly tokenNanos: bigint;
  /** BigInt64: the moment from which on tokens that are there came, in nanoseconds of `process.hrtime`. */
  readonly cell: SharedArrayBuffer;
}

/** A full bucket; `tokensPerFill` come in each `fillIntervalMs`. */
export function tokenBucketConfig(
  maxTokens: number,
  tokensPerFill: number,
  fillIntervalMs: number,
): TokenBucketConfig {
  const cell = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  new BigInt64Array(cell)[0] = LONG_AGO;
  return {
    maxTokens,
    tokenNanos: BigInt(Math.round((fillIntervalMs * 1e6) / tokensPerFill)),
    cell,
  };
}

const LONG_AGO = -(2n ** 62n);

/**
 * A token bucket of all threads, without a timer: tokens come evenly, not a fill at a time, as in Envoy (`AtomicTokenBucket`).
 */
export class TokenBucket {
  readonly #tokenNanos: bigint;
  readonly #fullNanos: bigint;
  readonly #cell: BigInt64Array;
  readonly #nowNanos: () => bigint;

  /** The clock has to be the same for all threads, as `performance.now` is not. */
  constructor(
    { maxTokens, tokenNanos, cell }: TokenBucketConfig,
    nowNanos: () => bigint = () => process.hrtime.bigint(),
  ) {
    this.#tokenNanos = tokenNanos;
    this.#fullNanos = BigInt(maxTokens) * tokenNanos;
    this.#cell = new BigInt64Array(cell);
    this.#nowNanos = nowNanos;
  }

  /** Takes a token; false when there is none. */
  tryTake(): boolean {
    const nowNanos = this.#nowNanos();
    for (;;) {
      const since = Atomics.load(this.#cell, 0);
      const fullSince = nowNanos - this.#fullNanos;
      const next = (since > fullSince ? since : fullSince) + this.#tokenNanos;
      if (next > nowNanos) return false;
      if (Atomics.compareExchange(this.#cell, 0, since, next) === since) return true;
    }
  }
}
