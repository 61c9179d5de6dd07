import type { WorkerContext } from "../../base/worker-context.ts";
import type { HostSet } from "../host-set.ts";
import type { LoadBalancer } from "../load-balancer.ts";
import type { ClusterConfig } from "../model.ts";
import type { HostPicker } from "./host-group.ts";
import { LeastRequest } from "./least-request.ts";
import { PriorityLoadBalancer } from "./priority-load-balancer.ts";
import { Random } from "./random.ts";
import { RoundRobin } from "./round-robin.ts";

/** `hostSets` is live: its elements are replaced, and it grows, before `refresh` is called. */
export function createLoadBalancer(
  config: ClusterConfig,
  hostSets: readonly HostSet[],
  worker: WorkerContext,
): LoadBalancer {
  return new PriorityLoadBalancer(config, hostSets, worker, createPicker(config, worker));
}

function createPicker(config: ClusterConfig, worker: WorkerContext): HostPicker {
  const { loadBalancer } = config;
  switch (loadBalancer.algorithm) {
    case "round_robin":
      return new RoundRobin(loadBalancer.slowStart, worker);
    case "least_request":
      return new LeastRequest(loadBalancer, worker);
    case "random":
      return new Random(worker);
  }
}
