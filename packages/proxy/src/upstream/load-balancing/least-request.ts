import type { WorkerContext } from "../../base/worker-context.ts";
import { RuntimeNumber } from "../../runtime/values.ts";
import type { Host } from "../host.ts";
import type { LoadBalancerAlgorithm } from "../model.ts";
import type { HostGroup, HostPicker } from "./host-group.ts";
import { SlowStart } from "./slow-start.ts";
import { scheduleWeighted } from "./weighted-schedule.ts";

type LeastRequestConfig = Extract<LoadBalancerAlgorithm, { algorithm: "least_request" }>;

/**
 * The least busy of a few hosts drawn at random, or of all; where weights differ, a schedule by
 * weight / (active requests + 1)^bias.
 */
export class LeastRequest implements HostPicker {
  readonly #config: LeastRequestConfig;
  readonly #worker: WorkerContext;
  readonly #slowStart: SlowStart | null;
  readonly #configuredBias: RuntimeNumber;
  /** As it was when the hosts changed last. */
  #bias = 1;

  constructor(config: LeastRequestConfig, worker: WorkerContext) {
    this.#config = config;
    this.#worker = worker;
    this.#configuredBias = new RuntimeNumber(config.activeRequestBias, worker.runtime, "double");
    this.#slowStart = config.slowStart === null ? null : new SlowStart(config.slowStart, worker);
  }

  prepare(group: HostGroup): void {
    const { value } = this.#configuredBias;
    this.#bias = value >= 0 ? value : 1;
    const weightOf = (host: Host): number => this.#weightOf(host);
    group.scheduler = scheduleWeighted(group.hosts, weightOf, this.#slowStart, this.#worker);
  }

  pick(group: HostGroup): Host {
    if (group.scheduler !== null) return group.scheduler.pick()!;
    return this.#config.fullScan ? this.#leastOfAll(group.hosts) : this.#leastOfSome(group.hosts);
  }

  #weightOf(host: Host): number {
    const bias = this.#bias;
    const busy = host.activeRequests + 1;
    const weight = host.weight / (bias === 1 ? busy : busy ** bias);
    return this.#slowStart === null ? weight : weight * this.#slowStart.factor(host);
  }

  #leastOfSome(hosts: readonly Host[]): Host {
    let best = this.#anyOf(hosts);
    let bestActive = best.activeRequests;
    for (let i = 1; i < this.#config.choiceCount; i++) {
      const host = this.#anyOf(hosts);
      const active = host.activeRequests;
      if (active < bestActive) {
        best = host;
        bestActive = active;
      }
    }
    return best;
  }

  /** Among equals each has the same chance: the nth of them replaces the choice with probability 1/n. */
  #leastOfAll(hosts: readonly Host[]): Host {
    let best = hosts[0]!;
    let bestActive = best.activeRequests;
    let equals = 1;
    for (let i = 1; i < hosts.length; i++) {
      const host = hosts[i]!;
      const active = host.activeRequests;
      if (active < bestActive) equals = 0;
      else if (active > bestActive) continue;
      equals++;
      if (equals === 1 || this.#worker.random() * equals < 1) best = host;
      bestActive = active;
    }
    return best;
  }

  #anyOf(hosts: readonly Host[]): Host {
    return hosts[Math.floor(this.#worker.random() * hosts.length)]!;
  }
}
