import type { SubscriptionStats } from "../../config/subscriptions.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import type { SUBSCRIPTION_STATS } from "../../observe/stats/tables/subscription.ts";
import { versionNumber } from "../../observe/stats/version-number.ts";
import type { LiveParts } from "./live-parts.ts";

/** Counts what becomes of a subscription, in a scope that begins as `SUBSCRIPTION_STATS`' does. */
export function countSubscription(
  { base, histogramBase, prefix }: ScopeSlots,
  { at }: Pick<typeof SUBSCRIPTION_STATS, "at">,
  { registry, stats, wallMs }: Pick<LiveParts, "registry" | "stats" | "wallMs">,
): SubscriptionStats {
  const count = (stat: keyof typeof at): void => void (stats.slots[base + at[stat]]! += 1);
  const setText = (text: string): void => registry.setTextReadout(`${prefix}version_text`, text);
  setText("");
  return {
    updateAttempt: () => count("update_attempt"),
    updateFailure: () => count("update_failure"),
    updateRejected: () => count("update_rejected"),
    initFetchTimeout: () => count("init_fetch_timeout"),
    updateSuccess(version, durationMs) {
      count("update_success");
      stats.slots[base + at.version] = versionNumber(version);
      stats.slots[base + at.update_time] = wallMs();
      stats.record(histogramBase + at.update_duration, durationMs);
      setText(version);
    },
  };
}
