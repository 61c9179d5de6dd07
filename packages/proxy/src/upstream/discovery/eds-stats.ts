import type { SubscriptionStats } from "../../config/subscriptions.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { EDS_STATS } from "../../observe/stats/tables/eds.ts";
import { versionNumber } from "../../observe/stats/version-number.ts";
import type { EdsConfig } from "../definition.ts";
import type { DiscoveryRuntime } from "./discovery.ts";
import type { EdsSupport } from "./eds.ts";

/** The statistics of a cluster's EDS subscription, which stand among those of the cluster. */
export class EdsStats implements SubscriptionStats {
  readonly #config: EdsConfig;
  readonly #support: Pick<EdsSupport, "stats" | "setVersionText">;
  readonly #runtime: Pick<DiscoveryRuntime, "wallMs">;

  constructor(
    config: EdsConfig,
    support: Pick<EdsSupport, "stats" | "setVersionText">,
    runtime: Pick<DiscoveryRuntime, "wallMs">,
  ) {
    this.#config = config;
    this.#support = support;
    this.#runtime = runtime;
  }

  updateAttempt(): void {
    this.#count("update_attempt");
  }

  updateSuccess(version: string, durationMs: number): void {
    const { stats, setVersionText } = this.#support;
    const { scope, clusterScope } = this.#config;
    this.#count("update_success");
    stats.slots[clusterScope.base + CLUSTER_STATS.at.version] = versionNumber(version);
    stats.slots[scope.base + EDS_STATS.at.update_time] = Math.floor(this.#runtime.wallMs());
    setVersionText(version);
    stats.record(scope.histogramBase + EDS_STATS.at.update_duration, Math.round(durationMs));
  }

  updateFailure(): void {
    this.#count("update_failure");
  }

  updateRejected(): void {
    this.#countOwn("update_rejected");
  }

  initFetchTimeout(): void {
    this.#countOwn("init_fetch_timeout");
  }

  #count(name: "update_attempt" | "update_success" | "update_failure"): void {
    this.#support.stats.slots[this.#config.clusterScope.base + CLUSTER_STATS.at[name]]! += 1;
  }

  #countOwn(name: "update_rejected" | "init_fetch_timeout"): void {
    this.#support.stats.slots[this.#config.scope.base + EDS_STATS.at[name]]! += 1;
  }
}
