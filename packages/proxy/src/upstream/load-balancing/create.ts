import type { WorkerContext } from "../../base/worker-context.ts";
import type { HostSet } from "../host-set.ts";
import type { LoadBalancer } from "../load-balancer.ts";
import type { ClusterConfig } from "../model.ts";

/** `hostSets` is live: it grows and its elements are replaced before `refresh` is called. */
export declare function createLoadBalancer(
  config: ClusterConfig,
  hostSets: readonly HostSet[],
  worker: WorkerContext,
): LoadBalancer;
