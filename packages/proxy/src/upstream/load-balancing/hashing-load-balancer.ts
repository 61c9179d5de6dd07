import { Hash64 } from "../../base/hash64.ts";
import type { WorkerContext } from "../../base/worker-context.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { HostSet } from "../host-set.ts";
import type { Host } from "../host.ts";
import { Availability } from "../host.ts";
import type { LoadBalancer, LoadBalancerContext } from "../load-balancer.ts";
import type { ClusterConfig } from "../model.ts";
import type { HashTable, HashTableBuilder } from "./hash-table.ts";
import type { NormalizedHosts } from "./normalized-hosts.ts";
import { normalizeHosts } from "./normalized-hosts.ts";
import type { PriorityLoad } from "./priority-load.ts";
import { computePriorityLoad, panicThresholdPercent, priorityOfDraw } from "./priority-load.ts";

/** Begins a table for these hosts. */
export type BuildTable = (hosts: NormalizedHosts) => HashTableBuilder;

/** The table of one priority. */
interface PriorityTable {
  /** Null before the first pick. */
  table: HashTable | null;
  /** What takes its place; null while the table is up to date. */
  builder: HashTableBuilder | null;
  /** The table, or the one that is being built, does not know the last change. */
  outdated: boolean;
  /** All hosts are used, not the healthy ones only. */
  panic: boolean;
}

/** What a pick adds to a table that is being built while the old one serves: some tenths of a millisecond. */
const UNITS_PER_PICK = 2000;
/** How often another host is looked for in an old table whose choice is not to be used any more. */
const OLD_TABLE_ATTEMPTS = 4;

/**
 * Sends equal hashes to equal hosts. The hash chooses the priority, too, and a table of that priority's hosts the host.
 * Tables are built by the picks that need them: the first at once, later ones bit by bit beside the old one.
 */
export class HashingLoadBalancer implements LoadBalancer {
  readonly #config: ClusterConfig;
  readonly #hostSets: readonly HostSet[];
  readonly #worker: WorkerContext;
  readonly #buildTable: BuildTable;
  readonly #tables: PriorityTable[] = [];
  #load: PriorityLoad = { healthy: [], degraded: [], panic: [] };

  /** `hostSets` is live: its elements are replaced before `refresh` is called. */
  constructor(
    config: ClusterConfig,
    hostSets: readonly HostSet[],
    worker: WorkerContext,
    buildTable: BuildTable,
  ) {
    this.#config = config;
    this.#hostSets = hostSets;
    this.#worker = worker;
    this.#buildTable = buildTable;
    this.#refreshLoad();
  }

  refresh(priority: number): void {
    this.#refreshLoad();
    this.#outdate(priority);
  }

  chooseHost(context: LoadBalancerContext | null): Host | null {
    if (context === null || !context.computeHash(HASH)) this.#drawHash();
    const priority = this.#choosePriority();
    if (this.#load.panic[priority]!)
      this.#worker.stats.slots[this.#config.scope.base + CLUSTER_STATS.at.lb_healthy_panic]! += 1;
    const of = this.#tables[priority];
    if (of === undefined) return null;
    for (let attempt = 0; ; attempt++) {
      const host = this.#pick(of, priority, attempt);
      if (host === null || context === null || attempt >= context.hostSelectionRetryCount)
        return host;
      if (!context.shouldSelectAnotherHost(host)) return host;
    }
  }

  /** Without a hash any will do. */
  #drawHash(): void {
    HASH.set(this.#worker.random() * 2 ** 32, this.#worker.random() * 2 ** 32);
  }

  /** Tables know no degraded hosts: who draws those of a priority gets its table all the same, as in Envoy. */
  #choosePriority(): number {
    const chosen = priorityOfDraw(this.#load, HASH.modulo(100) + 1);
    return chosen < 0 ? -1 - chosen : chosen;
  }

  #pick(of: PriorityTable, priority: number, attempt: number): Host | null {
    if (!of.outdated && of.builder === null) return of.table!.choose(HASH, attempt);
    const old = of.table;
    this.#build(of, priority, old === null ? Infinity : UNITS_PER_PICK);
    if (of.builder === null) return of.table!.choose(HASH, attempt);
    for (let i = 0; i < OLD_TABLE_ATTEMPTS; i++) {
      const host = old!.choose(HASH, attempt + i);
      if (host !== null && isUsable(host, of.panic)) return host;
    }
    this.#build(of, priority, Infinity);
    return of.table!.choose(HASH, attempt);
  }

  #build(of: PriorityTable, priority: number, units: number): void {
    let budget = units;
    if (of.outdated) {
      // Changes that come faster than tables are built must not keep the oldest one for ever.
      if (of.builder !== null) budget = Infinity;
      const { localityWeighted } = this.#config.loadBalancer;
      of.builder = this.#buildTable(
        normalizeHosts(this.#hostSets[priority]!, of.panic, localityWeighted),
      );
      of.outdated = false;
    }
    const table = of.builder!.step(budget);
    if (table === null) return;
    of.table = table;
    of.builder = null;
  }

  #refreshLoad(): void {
    this.#load = computePriorityLoad(
      this.#hostSets,
      panicThresholdPercent(this.#config.loadBalancer, this.#worker.runtime),
    );
    for (const [priority, panic] of this.#load.panic.entries())
      if (this.#tables[priority]?.panic !== panic) this.#outdate(priority);
  }

  #outdate(priority: number): void {
    const of = (this.#tables[priority] ??= {
      table: null,
      builder: null,
      outdated: true,
      panic: false,
    });
    of.outdated = true;
    of.panic = this.#load.panic[priority]!;
  }
}

/** Used by one call at a time. */
const HASH = new Hash64();

/** Whether a host that was right for an old table still is. */
function isUsable(host: Host, panic: boolean): boolean {
  return !host.removed && (panic || host.availability === Availability.Healthy);
}
