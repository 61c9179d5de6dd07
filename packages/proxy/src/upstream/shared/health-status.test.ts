import assert from "node:assert/strict";
import { test } from "node:test";
import { configuredStatus, flagsOfStatus, healthStatus, HealthStatus } from "./health-status.ts";
import { HealthFlag, isAvailable, isHealthy } from "./host-memory.ts";

void test("flags keep the status that they come of", () => {
  for (const status of Object.values(HealthStatus))
    assert.equal(configuredStatus(flagsOfStatus(status)), status);
  assert.equal(isHealthy(flagsOfStatus(HealthStatus.Healthy)), true);
  assert.equal(isAvailable(flagsOfStatus(HealthStatus.Degraded)), true);
  assert.equal(isAvailable(flagsOfStatus(HealthStatus.Timeout)), false);
});

void test("the worse of what checks found and the configuration says counts", () => {
  const { Unknown, Healthy, Unhealthy, Draining, Degraded } = HealthStatus;
  const cases: readonly (readonly [configured: number, flag: number, status: number])[] = [
    [Unknown, 0, Unknown],
    [Healthy, 0, Healthy],
    [Healthy, HealthFlag.DegradedActiveHc, Degraded],
    [Draining, HealthFlag.DegradedActiveHc, Draining],
    [Healthy, HealthFlag.FailedActiveHc, Unhealthy],
    [Draining, HealthFlag.FailedOutlierCheck, Unhealthy],
  ];
  for (const [configured, flag, status] of cases)
    assert.equal(healthStatus(flagsOfStatus(configured) | flag), status);
});
