import type { SubscriptionStats } from "../../config/subscriptions.ts";
import type { ScopeSlots, WorkerStats } from "../../observe/stats/definition.ts";
import { LEDS_STATS } from "../../observe/stats/tables/eds.ts";
import { versionNumber } from "../../observe/stats/version-number.ts";
import type { DiscoveryRuntime } from "./discovery.ts";

type Counter =
  | "update_attempt"
  | "update_success"
  | "update_failure"
  | "update_rejected"
  | "init_fetch_timeout";

/** The statistics of a cluster's LEDS subscriptions, which all count together: `cluster.<name>.leds.*`. */
export class LedsStats implements SubscriptionStats {
  readonly #scope: ScopeSlots;
  readonly #stats: WorkerStats;
  readonly #runtime: Pick<DiscoveryRuntime, "wallMs">;

  constructor(scope: ScopeSlots, stats: WorkerStats, runtime: Pick<DiscoveryRuntime, "wallMs">) {
    this.#scope = scope;
    this.#stats = stats;
    this.#runtime = runtime;
  }

  updateAttempt(): void {
    this.#count("update_attempt");
  }

  updateSuccess(version: string, durationMs: number): void {
    const { base, histogramBase } = this.#scope;
    const { at } = LEDS_STATS;
    this.#count("update_success");
    this.#stats.slots[base + at.version] = versionNumber(version);
    this.#stats.slots[base + at.update_time] = Math.floor(this.#runtime.wallMs());
    this.#stats.record(histogramBase + at.update_duration, Math.round(durationMs));
  }

  updateFailure(): void {
    this.#count("update_failure");
  }

  updateRejected(): void {
    this.#count("update_rejected");
  }

  initFetchTimeout(): void {
    this.#count("init_fetch_timeout");
  }

  #count(name: Counter): void {
    this.#stats.slots[this.#scope.base + LEDS_STATS.at[name]]! += 1;
  }
}
