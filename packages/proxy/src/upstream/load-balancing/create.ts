import type { WorkerContext } from "../../base/worker-context.ts";
import type { HostSet } from "../host-set.ts";
import type { LoadBalancer } from "../load-balancer.ts";
import type { ClusterConfig, LoadBalancerAlgorithm } from "../model.ts";
import { boundedBuilder } from "./bounded-load.ts";
import type { HashTableBuilder } from "./hash-table.ts";
import { type BuildTable, HashingLoadBalancer } from "./hashing-load-balancer.ts";
import type { HostPicker } from "./host-group.ts";
import { LeastRequest } from "./least-request.ts";
import { MaglevBuilder } from "./maglev-table.ts";
import { PriorityLoadBalancer } from "./priority-load-balancer.ts";
import { Random } from "./random.ts";
import { RingBuilder } from "./ring.ts";
import { RoundRobin } from "./round-robin.ts";

/**
 * `hostSets` is live: its elements are replaced, and it grows, before `refresh` is called. `activeRequests` gives those of
 * the cluster.
 */
export function createLoadBalancer(
  config: ClusterConfig,
  hostSets: readonly HostSet[],
  worker: WorkerContext,
  activeRequests: () => number,
): LoadBalancer {
  const { loadBalancer } = config;
  switch (loadBalancer.algorithm) {
    case "ring_hash":
    case "maglev": {
      const build = tableBuild(loadBalancer, activeRequests);
      return new HashingLoadBalancer(config, hostSets, worker, build);
    }
    default:
      return new PriorityLoadBalancer(config, hostSets, worker, createPicker(loadBalancer, worker));
  }
}

type Hashing = Extract<LoadBalancerAlgorithm, { algorithm: "ring_hash" | "maglev" }>;

function createPicker(
  config: Exclude<LoadBalancerAlgorithm, Hashing>,
  worker: WorkerContext,
): HostPicker {
  switch (config.algorithm) {
    case "round_robin":
      return new RoundRobin(config.slowStart, worker);
    case "least_request":
      return new LeastRequest(config, worker);
    case "random":
      return new Random(worker);
  }
}

function tableBuild(config: Hashing, activeRequests: () => number): BuildTable {
  const build: BuildTable = (hosts): HashTableBuilder =>
    config.algorithm === "ring_hash"
      ? new RingBuilder(config, hosts)
      : new MaglevBuilder(config, hosts);
  const { balanceFactorPercent: factorPercent } = config;
  if (factorPercent === 0) return build;
  return (hosts) => boundedBuilder(build(hosts), hosts, { factorPercent, activeRequests });
}
