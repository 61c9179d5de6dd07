import type { ScopeSlots, WorkerStats } from "../../../observe/stats/definition.ts";
import { REQUEST_STATS } from "../../../observe/stats/tables/request.ts";

const STATS = REQUEST_STATS.at;

/** Counts requests beside their cluster: of a virtual cluster, of a route with a `stat_prefix`, or of both. */
export interface RequestStats {
  /** An attempt got its connection. */
  countAttempt(): void;
  /** The whole request timed out. */
  countTimeout(): void;
  countCode(status: number): void;
  /** What became of a retry: one of `REQUEST_STATS.at.upstream_rq_retry…`. */
  countRetry(stat: number): void;
  /** From the end of the request to the end of the response. */
  countTime(ms: number): void;
}

/** The stats of one scope. */
export class ScopeRequestStats implements RequestStats {
  readonly #stats: WorkerStats;
  readonly #scope: ScopeSlots;
  /** Slots of single codes, by code. */
  readonly #codes: number[] = [];

  constructor(stats: WorkerStats, scope: ScopeSlots) {
    this.#stats = stats;
    this.#scope = scope;
  }

  countAttempt(): void {
    this.#count(STATS.upstream_rq_total);
  }

  countTimeout(): void {
    this.#count(STATS.upstream_rq_timeout);
  }

  countRetry(stat: number): void {
    this.#count(stat);
  }

  countCode(status: number): void {
    const { prefix } = this.#scope;
    this.#count(STATS.upstream_rq_completed);
    const kind = Math.floor(status / 100);
    // The classes stand in a row.
    if (kind >= 1 && kind <= 5) this.#count(STATS.upstream_rq_completed + kind);
    const slot = (this.#codes[status] ??= this.#stats.dynamicCounter(
      `${prefix}upstream_rq_${status}`,
    ));
    this.#stats.slots[slot]! += 1;
  }

  countTime(ms: number): void {
    this.#stats.record(this.#scope.histogramBase + STATS.upstream_rq_time, ms);
  }

  #count(stat: number): void {
    this.#stats.slots[this.#scope.base + stat]! += 1;
  }
}

/** Two that count the same requests. */
export class PairedRequestStats implements RequestStats {
  readonly #first: RequestStats;
  readonly #second: RequestStats;

  constructor(first: RequestStats, second: RequestStats) {
    this.#first = first;
    this.#second = second;
  }

  countAttempt(): void {
    this.#first.countAttempt();
    this.#second.countAttempt();
  }

  countTimeout(): void {
    this.#first.countTimeout();
    this.#second.countTimeout();
  }

  countRetry(stat: number): void {
    this.#first.countRetry(stat);
    this.#second.countRetry(stat);
  }

  countCode(status: number): void {
    this.#first.countCode(status);
    this.#second.countCode(status);
  }

  countTime(ms: number): void {
    this.#first.countTime(ms);
    this.#second.countTime(ms);
  }
}
