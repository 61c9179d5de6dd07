import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import type { ScopeSlots } from "../../observe/stats/definition.ts";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { Clusters } from "../../upstream/clusters.ts";
import type { HttpPools } from "../../upstream/pool/http-pools.ts";
import { RetryPolicies } from "../retry/retry-policy.ts";
import { CodeStats } from "../router/code-stats.ts";
import { AsyncStream, type AsyncStreamOptions } from "./async-stream.ts";
import type { AsyncStreamCallbacks } from "./callbacks.ts";

/** What requests of the proxy's own are made of. */
export interface AsyncServices {
  readonly worker: WorkerContext;
  readonly clusters: Clusters;
  readonly pools: HttpPools;
  /** The host's first address that is not loopback: who the request is from. */
  readonly hostIp: string;
}

/**
 * Requests that a worker sends for itself (Envoy's `Http::AsyncClient`): logs, questions of filters. They take the same
 * way as those of clients: load balancer, circuit breakers, pools, TLS, and the statistics of the cluster.
 */
export class AsyncClient {
  readonly services: AsyncServices;
  readonly retryPolicies: RetryPolicies = new RetryPolicies();
  readonly #streams: Set<AsyncStream> = new Set();
  /** Goes with the cluster object, so a replaced cluster takes its slots along. */
  readonly #codes = new WeakMap<Cluster, CodeStats>();

  constructor(services: AsyncServices) {
    this.services = services;
  }

  /**
   * Begins a request; `endStream`: it is its head alone. `scope` is where `http.async-client.` counts. Null when there is no
   * such cluster. Callbacks may come before this returns.
   */
  start(
    clusterName: string,
    headers: HeaderMap,
    callbacks: AsyncStreamCallbacks,
    options: AsyncStreamOptions,
    scope: ScopeSlots,
    endStream: boolean,
  ): AsyncStream | null {
    const cluster = this.services.clusters.get(clusterName);
    if (cluster === undefined) return null;
    this.services.worker.stats.slots[scope.base + ROUTER_STATS.at.rq_total]! += 1;
    const stream = new AsyncStream(this, cluster, headers, callbacks, options);
    this.#streams.add(stream);
    stream.start(endStream);
    return stream;
  }

  /** Who asks is the proxy itself: an internal client at the proxy's own address. */
  markInternal(headers: HeaderMap): void {
    headers.set("x-envoy-internal", "true");
    headers.set("x-forwarded-for", this.services.hostIp);
  }

  codeStats(cluster: Cluster): CodeStats {
    let stats = this.#codes.get(cluster);
    if (stats === undefined) {
      stats = new CodeStats(this.services.worker.stats, cluster, true);
      this.#codes.set(cluster, stats);
    }
    return stats;
  }

  /** The cluster goes: requests that nobody else would end are ended, as in Envoy. */
  onClusterRemoved(cluster: Cluster): void {
    for (const stream of this.#streams) if (stream.cluster === cluster) stream.breakOff();
  }

  /** The stream is over; only the stream itself says so. */
  release(stream: AsyncStream): void {
    this.#streams.delete(stream);
  }
}
