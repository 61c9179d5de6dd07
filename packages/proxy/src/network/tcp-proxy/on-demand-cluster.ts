import { Timer, type TimerTarget } from "../../base/timer-wheel.ts";
import { TCP_ON_DEMAND_STATS } from "../../observe/stats/tables/tcp-proxy.ts";
import type { DemandWaiter } from "../../on-demand/demands.ts";
import type { Demand } from "../../on-demand/model.ts";
import type { NetworkServices } from "../services.ts";
import type { TcpOnDemandConfig } from "./model.ts";

const STATS = TCP_ON_DEMAND_STATS.at;

/** The cluster of one connection, which is asked for when it is not there. */
export class OnDemandCluster implements DemandWaiter, TimerTarget {
  readonly #config: TcpOnDemandConfig;
  readonly #services: NetworkServices;
  readonly #onAnswer: () => void;
  readonly #timer: Timer = new Timer(this);
  #demand: Demand | null = null;
  #asked = false;

  /** @param onAnswer it serves, or there is none: called once at most, later than `ask` */
  constructor(config: TcpOnDemandConfig, services: NetworkServices, onAnswer: () => void) {
    this.#config = config;
    this.#services = services;
    this.#onAnswer = onAnswer;
  }

  /** False when there is nobody to ask, or there was an answer already. */
  ask(name: string): boolean {
    if (this.#asked) return false;
    this.#asked = true;
    const demand: Demand = { kind: "cluster", sourceId: this.#config.sourceId, name };
    if (!this.#services.demands.ask(demand, this)) return false;
    this.#demand = demand;
    this.#count(STATS.on_demand_cluster_attempt);
    this.#services.worker.timers.arm(this.#timer, this.#config.timeoutMs);
    return true;
  }

  onDemandMet(found: boolean): void {
    this.#demand = null;
    this.cancel();
    this.#count(found ? STATS.on_demand_cluster_success : STATS.on_demand_cluster_missing);
    this.#onAnswer();
  }

  onTimer(): void {
    this.cancel();
    this.#count(STATS.on_demand_cluster_timeout);
    this.#onAnswer();
  }

  /** Nobody waits any more. */
  cancel(): void {
    if (this.#demand !== null) this.#services.demands.giveUp(this.#demand, this);
    this.#demand = null;
    this.#services.worker.timers.cancel(this.#timer);
  }

  #count(stat: number): void {
    this.#services.worker.stats.slots[this.#config.scope.base + stat]! += 1;
  }
}
