import type { ResetReason } from "../../upstream/pool/pool-request.ts";

/** When a request of the proxy's own is sent once more, as plain data. */
export interface RetryPolicy {
  /** How often at most. */
  readonly retriesMax: number;
  /** The first pause is a random part of this, in milliseconds; the range doubles each time. */
  readonly baseIntervalMs: number;
  /** The range grows no further than this, in milliseconds. */
  readonly maxIntervalMs: number;
}

/** How long to wait before retry number `attempt`, counted from 0. `random` is uniform in [0, 1). */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number): number {
  const range = Math.min(policy.baseIntervalMs * 2 ** attempt, policy.maxIntervalMs);
  return Math.floor(random * range);
}

/** Envoy's `connect-failure`: no connection came about, so the request was seen by nobody. */
export function isConnectFailure(reason: ResetReason): boolean {
  return (
    reason === "local_connection_failure" ||
    reason === "remote_connection_failure" ||
    reason === "connection_timeout"
  );
}
