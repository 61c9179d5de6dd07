import type { Runtime } from "../runtime/snapshot.ts";
import type { ThresholdsConfig } from "./model.ts";

/** Of the keys of a cluster's limits: `circuit_breakers.<cluster>.<default|high>.`. */
export function thresholdsKeyPrefix(cluster: string, priority: "default" | "high"): string {
  return `circuit_breakers.${cluster}.${priority}.`;
}

/** The limits that hold now: those of the runtime before those that are configured. */
export function thresholdsNow(
  config: ThresholdsConfig,
  keyPrefix: string,
  runtime: Runtime,
): ThresholdsConfig {
  if (runtime.values.size === 0) return config;
  const integer = (name: string, otherwise: number): number =>
    runtime.integer(keyPrefix + name, otherwise);
  return {
    maxConnections: integer("max_connections", config.maxConnections),
    maxPendingRequests: integer("max_pending_requests", config.maxPendingRequests),
    maxRequests: integer("max_requests", config.maxRequests),
    maxRetries: integer("max_retries", config.maxRetries),
    maxConnectionPools: integer("max_connection_pools", config.maxConnectionPools),
    retryBudget: retryBudgetNow(config, `${keyPrefix}retry_budget.`, runtime),
    trackRemaining: config.trackRemaining,
  };
}

/** Either of its keys makes a budget where none is configured, even one that is no number. */
function retryBudgetNow(
  { retryBudget }: ThresholdsConfig,
  keyPrefix: string,
  runtime: Runtime,
): ThresholdsConfig["retryBudget"] {
  const percentKey = `${keyPrefix}budget_percent`;
  const minimumKey = `${keyPrefix}min_retry_concurrency`;
  const asked = runtime.entry(percentKey) ?? runtime.entry(minimumKey);
  if (retryBudget === null && asked === undefined) return null;
  const { budgetPercent, minRetryConcurrency } = retryBudget ?? DEFAULT_RETRY_BUDGET;
  return {
    budgetPercent: runtime.double(percentKey, budgetPercent),
    minRetryConcurrency: runtime.integer(minimumKey, minRetryConcurrency),
  };
}

/** What a budget is where nothing is said about it. */
export const DEFAULT_RETRY_BUDGET: NonNullable<ThresholdsConfig["retryBudget"]> = {
  budgetPercent: 20,
  minRetryConcurrency: 3,
};
