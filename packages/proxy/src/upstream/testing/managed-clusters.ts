import { Runtime } from "../../runtime/snapshot.ts";
import { ClusterManager } from "../manager/cluster-manager.ts";
import type { ClusterUpdate } from "../model.ts";
import type { UpstreamLimits, UpstreamMemoryBuffers } from "../shared/upstream-memory.ts";
import { createUpstreamMemory, openUpstreamMemory } from "../shared/upstream-memory.ts";
import { FakeRegistry } from "./fake-registry.ts";
import { FakeRuntime } from "./fake-runtime.ts";
import { fakeStats } from "./fake-worker.ts";

/** A cluster manager with time, DNS and one worker faked; what it posts and warns of is kept. */
export class ManagedClusters {
  readonly runtime = new FakeRuntime();
  readonly runtimeValues = new Runtime();
  readonly registry = new FakeRegistry();
  readonly stats = fakeStats(1 << 16);
  readonly buffers: UpstreamMemoryBuffers;
  readonly manager: ClusterManager;
  posted: ClusterUpdate[] = [];
  warnings: string[] = [];

  constructor(limits: UpstreamLimits = { hostsMax: 256, clustersMax: 64 }) {
    this.buffers = createUpstreamMemory(1, limits);
    this.manager = new ClusterManager({
      memory: this.buffers,
      registry: this.registry,
      stats: this.stats,
      runtime: this.runtime,
      runtimeValues: this.runtimeValues,
      locality: { region: "home", zone: "", subZone: "" },
      post: (update) => this.posted.push(update),
      warn: (text) => this.warnings.push(text),
    });
  }

  /** What was posted since the last look, in short: `hosts c P0 10.0.0.1:80`. */
  takePosted(): string[] {
    return this.posted.splice(0).map((update) => {
      if (update.kind === "cluster") {
        const sets = update.hostSets.map(
          ({ hosts }, i) => `P${i} ${hosts.map(({ address }) => address.text).join(" ")}`,
        );
        return `cluster ${update.config.name} ${sets.join(" ")}`;
      }
      if (update.kind !== "hosts") return `${update.kind} ${update.cluster}`;
      const sets = update.hostSets.map(
        ({ priority, hostSet }) =>
          `P${priority} ${hostSet.hosts.map(({ address }) => address.text).join(" ")}`,
      );
      return `hosts ${update.cluster} ${sets.join(" ")}`;
    });
  }

  /** The worker says that it has applied everything posted so far. */
  apply(sequence: number): void {
    openUpstreamMemory(this.buffers, 0).setApplied(sequence);
  }
}
