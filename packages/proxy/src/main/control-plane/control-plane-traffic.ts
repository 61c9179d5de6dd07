import type net from "node:net";
import type { WorkerStats } from "../../observe/stats/definition.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { ClusterConfig, HostData } from "../../upstream/model.ts";
import type { FindCluster } from "./cluster-endpoint.ts";
import { CountedConnection, type CountedCluster } from "./counted-connection.ts";

/** The connections to control planes, in the statistics of their clusters. */
export class ControlPlaneTraffic {
  readonly #stats: WorkerStats;
  readonly #findCluster: FindCluster;
  readonly #open = new Set<CountedConnection>();

  /** @param stats main's own */
  constructor(stats: WorkerStats, findCluster: FindCluster) {
    this.#stats = stats;
    this.#findCluster = findCluster;
  }

  /** A connection that is about to be made by `connect`, which is called once. */
  connection(
    config: ClusterConfig,
    host: HostData,
    isHttp2: boolean,
    connect: () => net.Socket,
  ): { readonly observer: CountedConnection; readonly createConnection: () => net.Socket } {
    const observer = new CountedConnection(this.#counted(config, host), this.#stats, isHttp2);
    const createConnection = (): net.Socket => {
      this.#open.add(observer);
      return observer.follow(connect(), () => this.#open.delete(observer));
    };
    return { observer, createConnection };
  }

  /** There was no host to connect to. */
  countNoneHealthy({ scope }: ClusterConfig): void {
    this.#stats.slots[scope.base + CLUSTER_STATS.at.upstream_cx_none_healthy]! += 1;
  }

  /** Counts the bytes of connections that are open, before statistics are read. */
  refresh(): void {
    for (const connection of this.#open) connection.countBytes();
  }

  #counted(config: ClusterConfig, { slot }: HostData): CountedCluster {
    const { name, scope } = config;
    const isThere = (): boolean =>
      this.#findCluster(name)?.definition.config.scope.base === scope.base;
    return {
      config,
      isThere,
      // A host that is gone keeps its place as long as something is under way there.
      countHost: (counter, by) => this.#findCluster(name)?.hosts.count(slot, counter, by),
    };
  }
}
