import type {
  CircuitBreakers,
  CircuitBreakers_Thresholds,
} from "@nuncio/api/types/envoy/config/cluster/v3/circuit_breaker_pb";
import type { CircuitBreakersConfig, ThresholdsConfig } from "../model.ts";
import { RoutingPriority } from "../shared/breaker-memory.ts";

/** Of several thresholds with one priority the first counts, as in Envoy. */
export function compileCircuitBreakers(message: CircuitBreakers | undefined): CircuitBreakersConfig {
  const thresholdsOf = (priority: RoutingPriority): ThresholdsConfig =>
    compileThresholds(message?.thresholds.find((thresholds) => (thresholds.priority as number) === priority));
  return { default: thresholdsOf(RoutingPriority.Default), high: thresholdsOf(RoutingPriority.High) };
}

function compileThresholds(message: CircuitBreakers_Thresholds | undefined): ThresholdsConfig {
  const budget = message?.retryBudget;
  return {
    maxConnections: message?.maxConnections ?? 1024,
    maxPendingRequests: message?.maxPendingRequests ?? 1024,
    maxRequests: message?.maxRequests ?? 1024,
    maxRetries: message?.maxRetries ?? 3,
    maxConnectionPools: message?.maxConnectionPools ?? Infinity,
    retryBudget:
      budget === undefined
        ? null
        : {
            budgetPercent: budget.budgetPercent?.value ?? 20,
            minRetryConcurrency: budget.minRetryConcurrency ?? 3,
          },
    trackRemaining: message?.trackRemaining ?? false,
  };
}
