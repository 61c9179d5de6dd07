import type { HeaderMap } from "@nuncio/codec";
import type { NetworkServices } from "../../network/services.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import type { HttpPools } from "../../upstream/pool/http-pools.ts";
import type { RouteEntry } from "../route/entry.ts";
import { CodeStats } from "./code-stats.ts";
import { type ControlHeaders, parseMs } from "./control-headers.ts";
import type { RouterConfig } from "./model.ts";

/** What all streams of one router filter on one worker share. */
export class Router {
  readonly config: RouterConfig;
  readonly services: NetworkServices;
  readonly pools: HttpPools;
  readonly #slots: Float64Array;
  readonly #base: number;
  /** Goes with the cluster object, so a replaced cluster takes its slots along. */
  readonly #codes = new WeakMap<Cluster, CodeStats>();

  /** `statsBase` is where `http.<prefix>.` has the router's names. */
  constructor(config: RouterConfig, services: NetworkServices, statsBase: number) {
    this.config = config;
    this.services = services;
    this.pools = services.pools;
    this.#slots = services.worker.stats.slots;
    this.#base = statsBase;
  }

  count(stat: number): void {
    this.#slots[this.#base + stat]! += 1;
  }

  codeStats(cluster: Cluster): CodeStats {
    let stats = this.#codes.get(cluster);
    if (stats === undefined) {
      stats = new CodeStats(this.services.worker.stats, cluster, this.config.dynamicStats);
      this.#codes.set(cluster, stats);
    }
    return stats;
  }

  /**
   * The time for the whole exchange, in ms; 0 for none. A trusted sender's headers override the route
   * (FilterUtility::finalTimeout).
   */
  timeoutOf(route: RouteEntry, headers: HeaderMap, control: ControlHeaders | null): number {
    if (this.config.respectExpectedRqTimeout) {
      const expected = parseMs(headers.get("x-envoy-expected-rq-timeout-ms"));
      if (expected !== null) return expected;
    }
    return control?.timeoutMs ?? route.timeoutMs;
  }
}
