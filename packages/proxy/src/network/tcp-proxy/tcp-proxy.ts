import { buildHashPolicies, type HashPolicies } from "../../http/hash-policy/hash-policies.ts";
import type { AccessLog } from "../../observe/access-log/access-log.ts";
import type { NetworkServices } from "../services.ts";
import type { TcpProxyConfig } from "./model.ts";

/** What all connections of one TCP proxy on one worker share. */
export class TcpProxy {
  readonly config: TcpProxyConfig;
  readonly services: NetworkServices;
  readonly accessLogs: readonly AccessLog[];
  readonly hashPolicies: HashPolicies | null;

  constructor(config: TcpProxyConfig, services: NetworkServices) {
    this.config = config;
    this.services = services;
    this.accessLogs = services.buildAccessLogs(config.accessLogs);
    this.hashPolicies = buildHashPolicies(config.hashPolicies);
  }

  count(stat: number, by: number): void {
    this.services.worker.stats.slots[this.config.scope.base + stat]! += by;
  }

  /** `max_downstream_connection_duration` with its jitter, drawn anew. */
  connectionDurationMs(): number {
    const { maxDownstreamConnectionDurationMs: ms, maxDownstreamConnectionDurationJitterPercent } =
      this.config;
    return (
      ms *
      (1 + (this.services.worker.random() * maxDownstreamConnectionDurationJitterPercent) / 100)
    );
  }

  /** By weight; a new draw for each attempt. */
  chooseCluster(): string {
    const { clusters, totalWeight } = this.config;
    if (clusters.length === 1) return clusters[0]!.name;
    let left = this.services.worker.random() * totalWeight;
    for (const { name, weight } of clusters) {
      left -= weight;
      if (left < 0) return name;
    }
    return clusters.at(-1)!.name;
  }

  close(): void {
    for (const log of this.accessLogs) log.close();
  }
}
