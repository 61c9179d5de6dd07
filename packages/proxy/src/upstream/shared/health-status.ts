import { HealthFlag } from "./host-memory.ts";

/** `envoy.config.core.v3.HealthStatus`, by its numbers. */
export const HealthStatus = {
  Unknown: 0,
  Healthy: 1,
  Unhealthy: 2,
  Draining: 3,
  Timeout: 4,
  Degraded: 5,
} as const;

/** The flags say less than `health_status` does, so its number stands above them. */
const SHIFT = 16;
export const CONFIGURED_STATUS: number = 7 << SHIFT;

const FLAGS: readonly number[] = [
  0,
  0,
  HealthFlag.FailedEdsHealth,
  HealthFlag.EdsStatusDraining,
  HealthFlag.FailedEdsHealth,
  HealthFlag.DegradedEdsHealth,
];

/** The flags of an endpoint with this `health_status`. */
export function flagsOfStatus(status: number): number {
  return (FLAGS[status] ?? 0) | (status << SHIFT);
}

/** The `health_status` of a host. */
export function configuredStatus(flags: number): number {
  return (flags & CONFIGURED_STATUS) >> SHIFT;
}

/** What checks found and the configuration says together: the worse of both (Envoy's `Host::healthStatus`). */
export function healthStatus(flags: number): number {
  if ((flags & (HealthFlag.FailedActiveHc | HealthFlag.FailedOutlierCheck)) !== 0)
    return HealthStatus.Unhealthy;
  const configured = configuredStatus(flags);
  const serves = configured === HealthStatus.Unknown || configured === HealthStatus.Healthy;
  return serves && (flags & HealthFlag.DegradedActiveHc) !== 0 ? HealthStatus.Degraded : configured;
}
