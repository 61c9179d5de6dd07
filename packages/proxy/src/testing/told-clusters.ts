import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type { FakeSubscriptions } from "../config/testing/fake-subscriptions.ts";
import { compileResource } from "../main/dynamic/resource-compiler.ts";
import { compileCluster } from "../upstream/compile/cluster.ts";
import type { ClusterDefinition } from "../upstream/definition.ts";
import type { TestProxy } from "./proxy.ts";
import { resourceOf } from "./resource.ts";

/** Tells a proxy its clusters and their endpoints, in YAML, without a control plane: each is there when the call returns. */
export class ToldClusters {
  readonly #proxy: TestProxy;
  readonly #subscriptions: FakeSubscriptions;

  /** `subscriptions` are those of the proxy. */
  constructor(proxy: TestProxy, subscriptions: FakeSubscriptions) {
    this.#proxy = proxy;
    this.#subscriptions = subscriptions;
  }

  /** What became of a cluster, or why it is refused. */
  set(yaml: string): string {
    const { clusters, context } = this.#proxy;
    const cluster = compileResource<Cluster, ClusterDefinition>(
      resourceOf("envoy.config.cluster.v3.Cluster", yaml, "cluster"),
      { ...context, targets: [] },
      false,
      (message, ctx) => compileCluster(message, ctx, new Set()),
    );
    if ("error" in cluster) return cluster.error;
    return clusters.addOrUpdate(cluster.plain, { addedViaApi: true });
  }

  remove(name: string): boolean {
    return this.#proxy.clusters.remove(name);
  }

  /** The reasons why the endpoints of a service are refused. */
  setEndpoints(service: string, yaml: string): string[] {
    const type = "envoy.config.endpoint.v3.ClusterLoadAssignment";
    const { value } = resourceOf(type, yaml, service);
    return this.#subscriptions.send(service, value).map(({ message }) => message);
  }
}
