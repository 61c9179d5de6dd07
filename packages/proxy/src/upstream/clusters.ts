import type { WorkerContext } from "../base/worker-context.ts";
import type { HostObserver } from "./cluster.ts";
import { Cluster } from "./cluster.ts";
import type { ClusterConfig, ClusterUpdate, HostSetData } from "./model.ts";
import type { WorkerUpstreamMemory } from "./shared/upstream-memory.ts";

/** What is known of a cluster; the cluster itself is built when something first asks for it. */
interface Entry {
  config: ClusterConfig;
  readonly breakerSlot: number;
  hostSets: HostSetData[];
  dropOverloadRatio: number;
  cluster: Cluster | null;
}

/** All clusters of one worker, by name. Main's updates come in here. */
export class Clusters {
  readonly #worker: WorkerContext;
  readonly #memory: WorkerUpstreamMemory;
  readonly #observer: HostObserver;
  readonly #entries = new Map<string, Entry>();

  constructor(worker: WorkerContext, memory: WorkerUpstreamMemory, observer: HostObserver) {
    this.#worker = worker;
    this.#memory = memory;
    this.#observer = observer;
  }

  /** The cluster of that name, or undefined (`cluster_not_found`). Not to be kept beyond a request. */
  get(name: string): Cluster | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    return (entry.cluster ??= new Cluster(entry, this.#worker, this.#memory, this.#observer));
  }

  /** Updates come in the order of their sequence. */
  apply(update: ClusterUpdate): void {
    switch (update.kind) {
      case "cluster":
        this.#set(update);
        break;
      case "hosts": {
        const entry = this.#entries.get(update.cluster);
        if (entry === undefined) break;
        for (const { priority, hostSet } of update.hostSets) entry.hostSets[priority] = hostSet;
        entry.dropOverloadRatio = update.dropOverloadRatio;
        if (entry.cluster === null) break;
        entry.cluster.dropOverloadRatio = update.dropOverloadRatio;
        entry.cluster.updateHosts(update.hostSets);
        break;
      }
      case "health":
        this.#entries.get(update.cluster)?.cluster?.updateHealth(update.closeFailed);
        break;
      case "remove":
        this.#remove(update.cluster);
        break;
    }
    this.#memory.setApplied(update.sequence);
  }

  /** Worker shutdown: every host is reported as removed. */
  close(): void {
    for (const name of this.#entries.keys()) this.#remove(name);
  }

  #set(update: Extract<ClusterUpdate, { kind: "cluster" }>): void {
    const { config, breakerSlot, dropOverloadRatio, connections } = update;
    const hostSets = [...update.hostSets];
    const entry = this.#entries.get(config.name);
    if (entry === undefined || connections === "replace") {
      this.#remove(config.name);
      const state = { config, breakerSlot, hostSets, dropOverloadRatio, cluster: null };
      this.#entries.set(config.name, state);
      return;
    }
    entry.config = config;
    entry.hostSets = hostSets;
    entry.dropOverloadRatio = dropOverloadRatio;
    if (entry.cluster === null) return;
    entry.cluster.dropOverloadRatio = dropOverloadRatio;
    entry.cluster.update(config, hostSets, connections === "drain");
  }

  #remove(name: string): void {
    const entry = this.#entries.get(name);
    this.#entries.delete(name);
    entry?.cluster?.close();
  }
}
