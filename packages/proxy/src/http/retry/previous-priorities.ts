import type { HostSet } from "../../upstream/host-set.ts";
import type { Host } from "../../upstream/host.ts";
import type { RetryPriority } from "../../upstream/load-balancer.ts";
import { availabilityOf, type PriorityLoad } from "../../upstream/load-balancing/priority-load.ts";

/**
 * Sends the retries of one request to priorities that it has not tried yet, as long as those have hosts to use
 * (`envoy.retry_priorities.previous_priorities`).
 */
export class PreviousPriorities implements RetryPriority {
  readonly #updateFrequency: number;
  #attempted: Host[] = [];
  readonly #excluded = new Set<number>();
  #load: PriorityLoad | null = null;

  constructor(updateFrequency: number) {
    this.#updateFrequency = updateFrequency;
  }

  onAttempt(host: Host): void {
    this.#attempted.push(host);
  }

  loadFor(hostSets: readonly HostSet[], usual: PriorityLoad): PriorityLoad {
    const attempts = this.#attempted.length;
    if (attempts < this.#updateFrequency) return usual;
    if (attempts % this.#updateFrequency === 0) {
      for (const { priority } of this.#attempted) this.#excluded.add(priority);
      this.#load = this.#spread(hostSets, usual);
    }
    return this.#load ?? usual;
  }

  /** Null when there is nothing to use anywhere. With all priorities tried, it begins anew. */
  #spread(hostSets: readonly HostSet[], usual: PriorityLoad): PriorityLoad | null {
    const { healthy, degraded } = availabilityOf(hostSets);
    let total = this.#totalOf(healthy) + this.#totalOf(degraded);
    if (total === 0) {
      this.#excluded.clear();
      this.#attempted = [];
      total = this.#totalOf(healthy) + this.#totalOf(degraded);
    }
    if (total === 0) return null;
    return this.#shares(healthy, degraded, Math.min(100, total), usual);
  }

  /** What rounding leaves goes to the first ones again. */
  #shares(
    healthy: readonly number[],
    degraded: readonly number[],
    total: number,
    { panic }: PriorityLoad,
  ): PriorityLoad {
    const load = { healthy: healthy.map(() => 0), degraded: degraded.map(() => 0), panic };
    let left = 100;
    const take = (shares: number[], availability: readonly number[]): void => {
      for (const [priority, percent] of availability.entries()) {
        if (this.#excluded.has(priority)) continue;
        const share = Math.min(left, Math.floor((percent * 100) / total));
        shares[priority]! += share;
        left -= share;
      }
    };
    while (left > 0) {
      take(load.healthy, healthy);
      take(load.degraded, degraded);
    }
    return load;
  }

  #totalOf(availability: readonly number[]): number {
    return availability.reduce(
      (sum, percent, priority) => (this.#excluded.has(priority) ? sum : sum + percent),
      0,
    );
  }
}
