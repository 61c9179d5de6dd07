import type { Cluster, HostObserver } from "../cluster.ts";
import { Clusters } from "../clusters.ts";
import type { ClusterConfig, ConnectionsOnUpdate, HostSetData } from "../model.ts";
import { MainHostMemory } from "../shared/host-memory.ts";
import type { UpstreamMemoryBuffers } from "../shared/upstream-memory.ts";
import { createUpstreamMemory, openUpstreamMemory } from "../shared/upstream-memory.ts";
import { FakeWorker } from "./fake-worker.ts";

/** The worker's side of clusters with everything around it faked; what the observer hears is in `events`. */
export class TestClusters {
  readonly buffers: UpstreamMemoryBuffers = createUpstreamMemory(2, {
    hostsMax: 1024,
    clustersMax: 64,
  });
  readonly worker: FakeWorker;
  readonly hostMemory = new MainHostMemory(this.buffers.hosts);
  readonly events: string[] = [];
  readonly clusters: Clusters;
  sequence = 0;

  constructor(seed = 1) {
    this.worker = new FakeWorker(seed);
    const observer: HostObserver = {
      onClusterRemoved() {},
      onHostRemoved: (cluster, host) =>
        this.events.push(`removed ${cluster.name} ${host.address.text}`),
      onHostUnhealthy: (cluster, host) =>
        this.events.push(`unhealthy ${cluster.name} ${host.address.text}`),
      onConnectionsOutdated: (cluster, host) =>
        this.events.push(`outdated ${cluster.name} ${host.address.text}`),
    };
    this.clusters = new Clusters(this.worker, openUpstreamMemory(this.buffers, 0), observer);
  }

  add(config: ClusterConfig, ...hostSets: HostSetData[]): Cluster {
    this.set({ config, hostSets });
    return this.clusters.get(config.name)!;
  }

  /** A cluster, or another configuration of one. */
  set({
    config,
    hostSets,
    connections = "replace",
    dropOverloadRatio = 0,
  }: {
    readonly config: ClusterConfig;
    readonly hostSets: readonly HostSetData[];
    readonly connections?: ConnectionsOnUpdate;
    readonly dropOverloadRatio?: number;
  }): void {
    this.clusters.apply({
      sequence: ++this.sequence,
      kind: "cluster",
      config,
      breakerSlot: 0,
      connections,
      dropOverloadRatio,
      hostSets,
    });
  }

  setHosts(cluster: string, hostSet: HostSetData, priority = 0): void {
    this.clusters.apply({
      sequence: ++this.sequence,
      kind: "hosts",
      cluster,
      dropOverloadRatio: 0,
      hostSets: [{ priority, hostSet }],
    });
  }

  /** Writes the flags as main does, and tells the cluster. */
  setHealth(cluster: string, flags: Readonly<Record<number, number>>): void {
    for (const [slot, value] of Object.entries(flags))
      this.hostMemory.setHealthFlags(Number(slot), value);
    const sequence = ++this.sequence;
    this.clusters.apply({ sequence, kind: "health", cluster, closeFailed: true });
  }
}
