import type { WorkerContext } from "../../base/worker-context.ts";
import { RuntimeNumber } from "../../runtime/values.ts";
import type { Host } from "../host.ts";
import { Availability } from "../host.ts";
import type { SlowStartConfig } from "../model.ts";

/**
 * Hosts that are new get a share of their weight that grows over a window.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/upstream/load_balancing/slow_start
 */
export class SlowStart {
  readonly #config: SlowStartConfig;
  readonly #worker: WorkerContext;
  /** When the window of the newest host ends; before that, weights count even where they are equal. */
  #endMs = 0;
  readonly #aggression: RuntimeNumber;

  constructor(config: SlowStartConfig, worker: WorkerContext) {
    this.#config = config;
    this.#aggression = new RuntimeNumber(config.aggression, worker.runtime, "double");
    this.#worker = worker;
  }

  /** Looks for new hosts. */
  observe(hosts: readonly Host[]): void {
    for (const host of hosts) {
      if (host.availability === Availability.Healthy) {
        this.#endMs = Math.max(this.#endMs, host.addedMs + this.#config.windowMs);
      }
    }
  }

  get active(): boolean {
    return this.#worker.wallMs() < this.#endMs;
  }

  /** What `host`'s weight is multiplied with: at least the minimum, 1 outside the window. */
  factor(host: Host): number {
    const { windowMs, minWeightPercent } = this.#config;
    const elapsedMs = this.#worker.wallMs() - host.addedMs;
    if (host.availability !== Availability.Healthy || elapsedMs >= windowMs) return 1;
    const timeFactor = Math.max(elapsedMs, 1000) / windowMs;
    const { value } = this.#aggression;
    const aggression = value > 0 ? value : 1;
    return Math.min(1, Math.max(minWeightPercent / 100, timeFactor ** (1 / aggression)));
  }
}
