import type { HeaderMap } from "@nuncio/codec";
import { Timer, type TimerTarget } from "../../../base/timer-wheel.ts";
import type { NetworkServices } from "../../../network/services.ts";
import type { DemandWaiter } from "../../../on-demand/demands.ts";
import type { Demand } from "../../../on-demand/model.ts";
import { HeadersStatus, type DecoderFilterCallbacks, type HttpFilter } from "../../filter.ts";
import type { RouteEntry } from "../../route/entry.ts";
import type { HttpFilterWorkerSide } from "../extension.ts";
import type { OnDemandClustersConfig, OnDemandConfig } from "./model.ts";

const CONFIG_TYPE = "envoy.extensions.filters.http.on_demand.v3.OnDemand";

/** Worker side of the on_demand filter. */
export const onDemandWorkerSide: HttpFilterWorkerSide<OnDemandConfig, OnDemandConfig> = {
  configType: CONFIG_TYPE,
  perRouteType: "envoy.extensions.filters.http.on_demand.v3.PerRouteConfig",
  build: (config, _worker, { services }) => ({
    create: () => new OnDemandFilter(config, services),
  }),
  buildPerRoute: (config) => config,
};

/** One request. It waits for its route, then for the cluster of it; what comes of its body meanwhile is held. */
class OnDemandFilter implements HttpFilter, DemandWaiter, TimerTarget {
  readonly #config: OnDemandConfig;
  readonly #services: NetworkServices;
  #callbacks!: DecoderFilterCallbacks;
  /** What it waits for; null for nothing. */
  #demand: Demand | null = null;
  #timer: Timer | null = null;

  constructor(config: OnDemandConfig, services: NetworkServices) {
    this.#config = config;
    this.#services = services;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#callbacks = callbacks;
  }

  decodeHeaders(headers: HeaderMap): HeadersStatus {
    const route = this.#callbacks.route();
    const waits =
      route === null
        ? this.#ask(this.#callbacks.routeDemand())
        : this.#asksForCluster(route, headers);
    return waits ? HeadersStatus.StopAllIterationAndWatermark : HeadersStatus.Continue;
  }

  /** A route that came may lead to a cluster that has to come. */
  onDemandMet(): void {
    const { kind } = this.#demand!;
    this.#demand = null;
    if (this.#timer !== null) this.#services.worker.timers.cancel(this.#timer);
    if (kind !== "cluster") {
      this.#callbacks.clearRouteCache();
      const route = this.#callbacks.route();
      if (route !== null && this.#asksForCluster(route, this.#callbacks.requestHeaders!)) return;
    }
    this.#callbacks.continueDecoding();
  }

  /** The cluster did not come: the router says so. */
  onTimer(): void {
    this.#giveUp();
    this.#callbacks.continueDecoding();
  }

  onDestroy(): void {
    this.#giveUp();
    if (this.#timer !== null) this.#services.worker.timers.cancel(this.#timer);
  }

  #asksForCluster(route: RouteEntry, headers: HeaderMap): boolean {
    if (route.kind !== "route") return false;
    const odcds = this.#clustersOfRoute();
    if (odcds === null) return false;
    const name = route.clusterName(headers);
    if (name === "" || this.#services.clusters.get(name) !== undefined) return false;
    if (!this.#ask({ kind: "cluster", sourceId: odcds.sourceId, name })) return false;
    this.#timer ??= new Timer(this);
    this.#services.worker.timers.arm(this.#timer, odcds.timeoutMs);
    return true;
  }

  #clustersOfRoute(): OnDemandClustersConfig | null {
    const ofRoute = this.#callbacks.perRouteConfig(CONFIG_TYPE) as OnDemandConfig | null;
    return (ofRoute ?? this.#config).odcds;
  }

  #ask(demand: Demand | null): boolean {
    if (demand === null || !this.#services.demands.ask(demand, this)) return false;
    this.#demand = demand;
    return true;
  }

  #giveUp(): void {
    if (this.#demand !== null) this.#services.demands.giveUp(this.#demand, this);
    this.#demand = null;
  }
}
