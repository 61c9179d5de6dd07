import type { Address } from "../../observe/stream-info.ts";

/** How a host is checked from the main thread (`envoy.config.core.v3.HealthCheck`). */
export interface HealthCheckConfig {
  readonly timeoutMs: number;
  /** Between the end of one check and the next, where no traffic goes to the host. */
  readonly intervalMs: number;
  /** The same while the host is healthy. */
  readonly healthyIntervalMs: number;
  /** The first check waits up to this long, each further one so much longer. */
  readonly initialJitterMs: number;
  readonly intervalJitterMs: number;
  /** 0 to 100 */
  readonly intervalJitterPercent: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly check: HttpCheckConfig | TcpCheckConfig;
}

/** Statuses from `start` up to and without `end`. */
export interface StatusRange {
  readonly start: number;
  readonly end: number;
}

export interface HttpCheckConfig {
  readonly kind: "http";
  /** Where an endpoint has no name of its own; empty: the name of the cluster. */
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly http2: boolean;
  readonly expected: readonly StatusRange[];
  /** Others than the expected fail a host at once; these do so by the threshold. */
  readonly retriable: readonly StatusRange[];
}

export interface TcpCheckConfig {
  readonly kind: "tcp";
  /** Null: that there is a connection is enough. */
  readonly send: Uint8Array | null;
  /** All of these have to come, in this order. */
  readonly receive: readonly Uint8Array[];
}

/** Who is checked. */
export interface CheckedHost {
  readonly address: Address;
  /** `host` or `:authority` of HTTP. */
  readonly hostname: string;
}

/** How a check came out. `status`: of HTTP, where there was one. */
export interface CheckResult {
  readonly kind: "success" | "failure" | "retriable" | "network" | "timeout";
  readonly status?: number;
}
