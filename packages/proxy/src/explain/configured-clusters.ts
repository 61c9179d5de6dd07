import type { WorkerContext } from "../base/worker-context.ts";
import type { StatsRegistry } from "../observe/stats/definition.ts";
import { ipAddress } from "../transport/address.ts";
import type { Cluster, HostObserver } from "../upstream/cluster.ts";
import { Clusters } from "../upstream/clusters.ts";
import type { ClusterDefinition, EndpointConfig } from "../upstream/definition.ts";
import type { DiscoveryRuntime } from "../upstream/discovery/discovery.ts";
import { ClusterManager } from "../upstream/manager/cluster-manager.ts";
import { healthFlagsText } from "../upstream/manager/cluster-status.ts";
import type { UpstreamMemoryBuffers } from "../upstream/shared/upstream-memory.ts";
import { createUpstreamMemory, openUpstreamMemory } from "../upstream/shared/upstream-memory.ts";
import type { Endpoint } from "./model.ts";

/**
 * The clusters of a configuration for a rehearsal: with hosts and health as configured, in memory of their own, each
 * one made when a request asks for it. Names that DNS would resolve stand for themselves.
 */
export class ConfiguredClusters extends Clusters {
  readonly #definitions: ReadonlyMap<string, ClusterDefinition>;
  readonly #manager: ClusterManager;
  readonly #made = new Set<string>();

  private constructor(
    definitions: readonly ClusterDefinition[],
    worker: WorkerContext,
    registry: StatsRegistry,
    buffers: UpstreamMemoryBuffers,
  ) {
    super(worker, openUpstreamMemory(buffers, 0), NO_POOLS);
    this.#definitions = new Map(definitions.map((each) => [each.config.name, each]));
    this.#manager = new ClusterManager({
      memory: buffers,
      registry,
      stats: worker.stats,
      runtime: STATIC_RUNTIME,
      runtimeValues: worker.runtime,
      locality: { region: "", zone: "", subZone: "" },
      post: (update) => this.apply(update),
      warn() {},
    });
  }

  static of(
    definitions: readonly ClusterDefinition[],
    worker: WorkerContext,
    registry: StatsRegistry,
  ): ConfiguredClusters {
    const hosts = definitions.reduce((sum, each) => sum + endpointsOf(each).length, 0);
    const limits = { hostsMax: hosts + 1, clustersMax: definitions.length + 1 };
    return new ConfiguredClusters(definitions, worker, registry, createUpstreamMemory(1, limits));
  }

  override get(name: string): Cluster | undefined {
    const definition = this.#definitions.get(name);
    if (definition === undefined) return undefined;
    if (!this.#made.has(name)) {
      this.#made.add(name);
      this.#manager.addOrUpdate(withAddresses(definition));
    }
    return super.get(name);
  }

  /** The endpoints of a cluster, in the order of the configuration. */
  endpoints(name: string): Endpoint[] {
    const definition = this.#definitions.get(name);
    if (definition === undefined) return [];
    return definition.loadAssignment.localities.flatMap(({ priority, endpoints }) =>
      endpoints.map((endpoint) => ({
        address: addressOf(endpoint).text,
        hostname: endpoint.hostname,
        weight: endpoint.weight,
        priority,
        health: healthFlagsText(endpoint.healthFlags),
      })),
    );
  }
}

/** Nothing is connected. */
const NO_POOLS: HostObserver = {
  onClusterRemoved() {},
  onHostRemoved() {},
  onHostUnhealthy() {},
  onConnectionsOutdated() {},
};

/** Nothing is resolved and nothing waits. */
const STATIC_RUNTIME: DiscoveryRuntime = {
  random: () => 0,
  wallMs: () => 0,
  after: () => () => {},
  resolver() {
    throw new Error("expected no DNS question: every endpoint has an address");
  },
};

function endpointsOf(definition: ClusterDefinition): readonly EndpointConfig[] {
  return definition.loadAssignment.localities.flatMap(({ endpoints }) => endpoints);
}

function withAddresses(definition: ClusterDefinition): ClusterDefinition {
  if (definition.discovery.type === "STATIC") return definition;
  const { loadAssignment } = definition;
  return {
    ...definition,
    discovery: { type: "STATIC" },
    loadAssignment: {
      ...loadAssignment,
      localities: loadAssignment.localities.map((locality) => ({
        ...locality,
        endpoints: locality.endpoints.map((endpoint) => ({
          ...endpoint,
          target: { address: addressOf(endpoint) },
          // A name that is resolved is the host's name, too.
          hostname: endpoint.hostname || nameOf(endpoint),
        })),
      })),
    },
  };
}

function addressOf({ target }: EndpointConfig): ReturnType<typeof ipAddress> {
  return "address" in target ? target.address : ipAddress(target.host, target.port);
}

function nameOf({ target }: EndpointConfig): string {
  return "address" in target ? "" : target.host;
}
