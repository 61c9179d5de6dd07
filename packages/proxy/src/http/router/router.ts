import type { NetworkServices } from "../../network/services.ts";
import type { AccessLog } from "../../observe/access-log/access-log.ts";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { HttpPools } from "../../upstream/pool/http-pools.ts";
import { buildMirrorPolicies, type MirrorPolicy } from "../mirror/mirror-policy.ts";
import type { MirrorPolicyConfig } from "../mirror/model.ts";
import { RetryPolicies, type RetryPolicy } from "../retry/retry-policy.ts";
import type { RouteEntry } from "../route/entry.ts";
import { CodeStats } from "./code-stats.ts";
import type { RouterConfig } from "./model.ts";

/** What all streams of one router filter on one worker share. */
export class Router {
  readonly config: RouterConfig;
  readonly services: NetworkServices;
  readonly pools: HttpPools;
  /** Null when attempts are not logged. */
  readonly upstreamLogs: readonly AccessLog[] | null;
  readonly #slots: Float64Array;
  readonly #base: number;
  /** By what clusters are configured with, which updates replace. */
  readonly #mirrors = new WeakMap<readonly MirrorPolicyConfig[], readonly MirrorPolicy[] | null>();
  readonly #retryPolicies = new RetryPolicies();
  /** Goes with the cluster object, so a replaced cluster takes its slots along. */
  readonly #codes = new WeakMap<Cluster, CodeStats>();

  /** `statsBase` is where `http.<prefix>.` has the router's names. */
  constructor(config: RouterConfig, services: NetworkServices, statsBase: number) {
    this.config = config;
    this.services = services;
    this.pools = services.pools;
    this.upstreamLogs =
      config.upstreamLogs.length === 0 ? null : services.buildAccessLogs(config.upstreamLogs);
    this.#slots = services.worker.stats.slots;
    this.#base = statsBase;
  }

  close(): void {
    for (const log of this.upstreamLogs ?? []) log.close();
  }

  count(stat: number): void {
    this.#slots[this.#base + stat]! += 1;
  }

  /** Mirrored requests count as those of an HTTP client within the proxy, not as this connection manager's. */
  countMirrored(): void {
    this.#slots[this.config.asyncClientScope.base + ROUTER_STATS.at.rq_total]! += 1;
  }

  /** The mirror policies of a request: its cluster's own, else its route's; null for none. */
  mirrorPolicies(cluster: Cluster, route: RouteEntry): readonly MirrorPolicy[] | null {
    const { mirrorPolicies: configs } = cluster.config.http;
    if (configs === undefined) return route.mirrorPolicies;
    let policies = this.#mirrors.get(configs);
    if (policies === undefined) {
      policies = buildMirrorPolicies(configs, this.services.worker);
      this.#mirrors.set(configs, policies);
    }
    return policies;
  }

  /** The retry policy of a request: its cluster's own, else its route's; null for none. */
  retryPolicy(cluster: Cluster, route: RouteEntry): RetryPolicy | null {
    const { retryPolicy } = cluster.config.http;
    return retryPolicy === undefined ? route.retryPolicy : this.#retryPolicies.of(retryPolicy);
  }

  codeStats(cluster: Cluster): CodeStats {
    let stats = this.#codes.get(cluster);
    if (stats === undefined) {
      stats = new CodeStats(this.services.worker.stats, cluster, this.config.dynamicStats);
      this.#codes.set(cluster, stats);
    }
    return stats;
  }
}
