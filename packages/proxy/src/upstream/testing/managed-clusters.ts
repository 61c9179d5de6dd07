import { FakeSubscriptions } from "../../config/testing/fake-subscriptions.ts";
import { Runtime } from "../../runtime/snapshot.ts";
import type { LoadAssignment } from "../definition.ts";
import { ClusterManager } from "../manager/cluster-manager.ts";
import type { ClusterUpdate } from "../model.ts";
import type { UpstreamLimits, UpstreamMemoryBuffers } from "../shared/upstream-memory.ts";
import { createUpstreamMemory, openUpstreamMemory } from "../shared/upstream-memory.ts";
import { endpoint } from "./definitions.ts";
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
  readonly subscriptions = new FakeSubscriptions();
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
      eds: {
        subscriptions: this.subscriptions,
        // What `assign` made of it; what cannot be read is refused.
        compile: ({ value }) => {
          const text = Buffer.from(value).toString("utf8");
          return text.startsWith("{")
            ? { plain: JSON.parse(text) as LoadAssignment }
            : { error: text };
        },
        compileEndpoint: ({ value }) => ({ plain: endpoint(Buffer.from(value).toString("utf8")) }),
      },
      locality: { region: "home", zone: "", subZone: "" },
      post: (update) => this.posted.push(update),
      warn: (text) => this.warnings.push(text),
    });
  }

  /** The control plane sends the endpoints of a service; a text stands for a resource that is refused for this reason. */
  assign(service: string, assignment: LoadAssignment | string, version = "1"): string[] {
    const text = typeof assignment === "string" ? assignment : JSON.stringify(assignment);
    const rejections = this.subscriptions.send(service, Buffer.from(text, "utf8"), version);
    return rejections.map(({ name, message }) => `${name}: ${message}`);
  }

  /** What was posted since the last look, in short: `hosts c P0 10.0.0.1:80`. */
  takePosted(): string[] {
    return this.posted.splice(0).map((update) => {
      if (update.kind === "cluster") {
        const sets = update.hostSets.map(
          ({ hosts }, i) => `P${i} ${hosts.map(({ address }) => address.text).join(" ")}`,
        );
        const how = update.connections === "replace" ? "cluster" : update.connections;
        return `${how} ${update.config.name} ${sets.join(" ")}`;
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
