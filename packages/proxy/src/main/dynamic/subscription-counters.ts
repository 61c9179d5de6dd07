import type { SubscriptionStats } from "../../config/subscriptions.ts";
import type { ScopeSlots, WorkerStats } from "../../observe/stats/definition.ts";
import type { SUBSCRIPTION_STATS } from "../../observe/stats/tables/subscription.ts";

/** Counts what becomes of a subscription, in a scope that begins as `SUBSCRIPTION_STATS`' does. */
export function countSubscription(
  { base, histogramBase }: ScopeSlots,
  { at }: Pick<typeof SUBSCRIPTION_STATS, "at">,
  stats: WorkerStats,
  wallMs: () => number,
): SubscriptionStats {
  const count = (stat: keyof typeof at): void => void (stats.slots[base + at[stat]]! += 1);
  return {
    updateAttempt: () => count("update_attempt"),
    updateFailure: () => count("update_failure"),
    updateRejected: () => count("update_rejected"),
    initFetchTimeout: () => count("init_fetch_timeout"),
    updateSuccess(_version, durationMs) {
      count("update_success");
      stats.slots[base + at.update_time] = wallMs();
      stats.record(histogramBase + at.update_duration, durationMs);
    },
  };
}
