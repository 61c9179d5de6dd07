import type { CheckResult, HealthCheckConfig } from "./model.ts";

/** Whether a host is healthy, from one check to the next (Envoy's `ActiveHealthCheckSession`). It begins unhealthy. */
export class HostHealth {
  isHealthy = false;
  /** The last failure was that no answer came in time. */
  hasTimedOut = false;
  /** Of the last answer; undefined before one, and without HTTP. */
  status: number | undefined;
  readonly #config: Pick<HealthCheckConfig, "healthyThreshold" | "unhealthyThreshold">;
  #isFirst = true;
  #successes = 0;
  #failures = 0;

  constructor(config: Pick<HealthCheckConfig, "healthyThreshold" | "unhealthyThreshold">) {
    this.#config = config;
  }

  /** True when that made a difference. */
  take({ kind, status }: CheckResult): boolean {
    const before = this.isHealthy;
    this.status = status;
    if (kind === "success") this.#succeeded();
    else this.#failed(kind !== "failure");
    this.hasTimedOut = kind === "timeout";
    this.#isFirst = false;
    return this.isHealthy !== before;
  }

  #succeeded(): void {
    this.#failures = 0;
    if (this.isHealthy) return;
    this.#successes += 1;
    // The first success of a host that was never checked is enough.
    this.isHealthy = this.#isFirst || this.#successes >= this.#config.healthyThreshold;
  }

  #failed(byThreshold: boolean): void {
    this.#successes = 0;
    if (!this.isHealthy) return;
    this.#failures += 1;
    this.isHealthy = byThreshold && this.#failures < this.#config.unhealthyThreshold;
  }
}
