import type {
  CircuitBreakers,
  CircuitBreakers_Thresholds,
} from "@nuncio/api/types/envoy/config/cluster/v3/circuit_breaker_pb";
import type { CircuitBreakersConfig, ThresholdsConfig } from "../model.ts";
import { RoutingPriority } from "../shared/breaker-memory.ts";
import { DEFAULT_RETRY_BUDGET } from "../thresholds-now.ts";

/** Of several thresholds with one priority the first counts, as in Envoy. */
export function compileCircuitBreakers(
  message: CircuitBreakers | undefined,
): CircuitBreakersConfig {
  const thresholdsOf = (priority: RoutingPriority): ThresholdsConfig =>
    compileThresholds(
      message?.thresholds.find((thresholds) => (thresholds.priority as number) === priority),
    );
  return {
    default: thresholdsOf(RoutingPriority.Default),
    high: thresholdsOf(RoutingPriority.High),
  };
}

const DEFAULTS: ThresholdsConfig = {
  maxConnections: 1024,
  maxPendingRequests: 1024,
  maxRequests: 1024,
  maxRetries: 3,
  maxConnectionPools: Infinity,
  retryBudget: null,
  trackRemaining: false,
};

function compileThresholds(message: CircuitBreakers_Thresholds | undefined): ThresholdsConfig {
  if (message === undefined) return DEFAULTS;
  const budget = message.retryBudget;
  return {
    maxConnections: message.maxConnections ?? DEFAULTS.maxConnections,
    maxPendingRequests: message.maxPendingRequests ?? DEFAULTS.maxPendingRequests,
    maxRequests: message.maxRequests ?? DEFAULTS.maxRequests,
    maxRetries: message.maxRetries ?? DEFAULTS.maxRetries,
    maxConnectionPools: message.maxConnectionPools ?? DEFAULTS.maxConnectionPools,
    retryBudget:
      budget === undefined
        ? null
        : {
            budgetPercent: budget.budgetPercent?.value ?? DEFAULT_RETRY_BUDGET.budgetPercent,
            minRetryConcurrency:
              budget.minRetryConcurrency ?? DEFAULT_RETRY_BUDGET.minRetryConcurrency,
          },
    trackRemaining: message.trackRemaining,
  };
}
