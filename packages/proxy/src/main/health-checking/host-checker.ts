import { HostHealth } from "./host-health.ts";
import type { CheckedHost, CheckResult, HealthCheckConfig } from "./model.ts";
import { probe, type Probe } from "./probe.ts";

/** Told of each check. */
export interface CheckObserver {
  onAttempt(): void;
  /** `changed`: the host is healthy now and was not, or the other way round. */
  onResult(result: CheckResult, health: HostHealth, changed: boolean): void;
  /** The host is checked no more. */
  onEnd(health: HostHealth): void;
}

/** Checks one host again and again, until it is stopped. */
export class HostChecker {
  readonly health: HostHealth;
  readonly #host: CheckedHost;
  readonly #config: HealthCheckConfig;
  readonly #observer: CheckObserver;
  readonly #random: () => number;
  #timer: NodeJS.Timeout | null = null;
  #probe: Probe | null = null;

  /** @param random 0 up to 1 */
  constructor(
    host: CheckedHost,
    config: HealthCheckConfig,
    observer: CheckObserver,
    random: () => number,
  ) {
    this.#host = host;
    this.#config = config;
    this.#observer = observer;
    this.#random = random;
    this.health = new HostHealth(config);
    this.#schedule(random() * config.initialJitterMs);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#probe?.cancel();
    this.#observer.onEnd(this.health);
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => this.#check(), delayMs).unref();
  }

  #check(): void {
    this.#observer.onAttempt();
    this.#probe = probe(this.#host, this.#config, (result) => {
      this.#probe = null;
      const changed = this.health.take(result);
      this.#observer.onResult(result, this.health, changed);
      this.#schedule(this.#nextDelayMs());
    });
  }

  #nextDelayMs(): number {
    const { intervalMs, healthyIntervalMs, intervalJitterMs, intervalJitterPercent } = this.#config;
    const baseMs = this.health.isHealthy ? healthyIntervalMs : intervalMs;
    const byPercent = (baseMs * this.#random() * intervalJitterPercent) / 100;
    return baseMs + this.#random() * intervalJitterMs + byPercent;
  }
}
