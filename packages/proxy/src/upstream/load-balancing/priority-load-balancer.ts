import type { WorkerContext } from "../../base/worker-context.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { HostSet } from "../host-set.ts";
import type { Host } from "../host.ts";
import type { LoadBalancer, LoadBalancerContext } from "../load-balancer.ts";
import type { ClusterConfig } from "../model.ts";
import type { HostPicker } from "./host-group.ts";
import { HostGroup } from "./host-group.ts";
import type { LocalityScheduler } from "./locality-scheduler.ts";
import { scheduleLocalities } from "./locality-scheduler.ts";
import type { PriorityLoad } from "./priority-load.ts";
import { computePriorityLoad, panicThresholdPercent, priorityOfDraw } from "./priority-load.ts";

/** The host groups of one priority. */
interface PriorityGroups {
  readonly all: HostGroup;
  readonly healthy: GroupsByLocality;
  readonly degraded: GroupsByLocality;
}

interface GroupsByLocality {
  readonly all: HostGroup;
  readonly localities: HostGroup[];
  /** Null: localities play no part. */
  scheduler: LocalityScheduler | null;
}

/** Chooses a priority, perhaps a locality, and leaves the host to the algorithm's picker. */
export class PriorityLoadBalancer implements LoadBalancer {
  readonly #config: ClusterConfig;
  readonly #hostSets: readonly HostSet[];
  readonly #worker: WorkerContext;
  readonly #picker: HostPicker;
  readonly #groups: PriorityGroups[] = [];
  /** Where rounds start; each worker has its own. */
  readonly #seed: number;
  #load: PriorityLoad = { healthy: [], degraded: [], panic: [] };
  /** The priority that takes all healthy load, or -1: then the dice are thrown. */
  #only = -1;

  /** `hostSets` is live: its elements are replaced before `refresh` is called. */
  constructor(
    config: ClusterConfig,
    hostSets: readonly HostSet[],
    worker: WorkerContext,
    picker: HostPicker,
  ) {
    this.#config = config;
    this.#hostSets = hostSets;
    this.#worker = worker;
    this.#picker = picker;
    this.#seed = Math.floor(worker.random() * 2 ** 32);
    for (let priority = 0; priority < hostSets.length; priority++) this.#refreshGroups(priority);
    this.#refreshLoad();
  }

  refresh(priority: number): void {
    for (let i = this.#groups.length; i < priority; i++) this.#refreshGroups(i);
    this.#refreshGroups(priority);
    this.#refreshLoad();
  }

  chooseHost(context: LoadBalancerContext | null): Host | null {
    if (context === null) return this.#chooseOnce(this.#load, this.#only);
    for (let refused = 0; ; refused++) {
      const load = context.retryPriority?.loadFor(this.#hostSets, this.#load) ?? this.#load;
      const host = this.#chooseOnce(load, load === this.#load ? this.#only : -1);
      if (host === null || refused >= context.hostSelectionRetryCount) return host;
      if (!context.shouldSelectAnotherHost(host)) return host;
    }
  }

  #chooseOnce(load: PriorityLoad, only: number): Host | null {
    const group = this.#chooseGroup(load, only);
    return group === null || group.hosts.length === 0 ? null : this.#picker.pick(group);
  }

  /** `only`: the priority that takes all of the load; -1: several do. */
  #chooseGroup(load: PriorityLoad, only: number): HostGroup | null {
    let priority = only;
    let degraded = false;
    if (priority < 0) {
      const draw = 1 + Math.floor(this.#worker.random() * 100);
      const chosen = priorityOfDraw(load, draw);
      degraded = chosen < 0;
      priority = degraded ? -1 - chosen : chosen;
    }
    const groups = this.#groups[priority];
    if (groups === undefined) return null;
    if (load.panic[priority]!) {
      this.#worker.stats.slots[this.#config.scope.base + CLUSTER_STATS.at.lb_healthy_panic]! += 1;
      return groups.all;
    }
    const source = degraded ? groups.degraded : groups.healthy;
    const locality = source.scheduler?.pick();
    return locality === undefined ? source.all : source.localities[locality.index]!;
  }

  #refreshLoad(): void {
    this.#load = computePriorityLoad(
      this.#hostSets,
      panicThresholdPercent(this.#config.loadBalancer, this.#worker.runtime),
    );
    this.#only = this.#load.healthy.indexOf(100);
  }

  #refreshGroups(priority: number): void {
    const hostSet = this.#hostSets[priority]!;
    const groups = (this.#groups[priority] ??= this.#newGroups());
    this.#fill(groups.all, hostSet.hosts);
    this.#fill(groups.healthy.all, hostSet.healthy);
    this.#fill(groups.degraded.all, hostSet.degraded);
    if (!this.#config.loadBalancer.localityWeighted) return;
    this.#refreshLocalities(groups.healthy, hostSet, "healthy");
    this.#refreshLocalities(groups.degraded, hostSet, "degraded");
  }

  #refreshLocalities(
    groups: GroupsByLocality,
    hostSet: HostSet,
    eligible: "healthy" | "degraded",
  ): void {
    const { localities, overprovisioningFactor } = hostSet;
    localities.forEach((locality, i) => {
      this.#fill((groups.localities[i] ??= new HostGroup(this.#seed)), locality[eligible]);
    });
    groups.scheduler = scheduleLocalities(
      localities,
      (locality) => locality[eligible],
      overprovisioningFactor,
      this.#seed,
    );
  }

  #fill(group: HostGroup, hosts: readonly Host[]): void {
    group.hosts = hosts;
    this.#picker.prepare(group);
  }

  #newGroups(): PriorityGroups {
    const byLocality = (): GroupsByLocality => ({
      all: new HostGroup(this.#seed),
      localities: [],
      scheduler: null,
    });
    return { all: new HostGroup(this.#seed), healthy: byLocality(), degraded: byLocality() };
  }
}
