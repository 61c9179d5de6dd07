import { buildHashPolicies, type HashPolicies } from "../../http/hash-policy/hash-policies.ts";
import type { AccessLog } from "../../observe/access-log/access-log.ts";
import { filterStateTextOf } from "../../observe/filter-state-object.ts";
import type { StreamInfo } from "../../observe/stream-info.ts";
import type { NetworkServices } from "../services.ts";
import type { TcpProxyConfig } from "./model.ts";
import { Tunneling } from "./tunneling.ts";

/** The object of the connection's filter state that names its cluster, instead of the configuration. */
export const TCP_CLUSTER_STATE = "envoy.tcp_proxy.cluster";
/** Those that have it go without a tunnel, and when it is idle. */
const DISABLE_TUNNELING_STATE = "envoy.tcp_proxy.disable_tunneling";
const IDLE_TIMEOUT_STATE = "envoy.tcp_proxy.per_connection_idle_timeout_ms";

/** What all connections of one TCP proxy on one worker share. */
export class TcpProxy {
  readonly config: TcpProxyConfig;
  readonly services: NetworkServices;
  readonly accessLogs: readonly AccessLog[];
  readonly hashPolicies: HashPolicies | null;
  readonly #tunneling: Tunneling | null;

  constructor(config: TcpProxyConfig, services: NetworkServices) {
    this.config = config;
    this.services = services;
    this.accessLogs = services.buildAccessLogs(config.accessLogs);
    this.hashPolicies = buildHashPolicies(config.hashPolicies);
    this.#tunneling =
      config.tunneling === null ? null : new Tunneling(config.tunneling, services.worker);
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

  /** Null: the connection goes to its host as it is. */
  tunnelingOf({ filterState }: StreamInfo): Tunneling | null {
    const disabled = filterStateTextOf(filterState?.get(DISABLE_TUNNELING_STATE)) === "true";
    return disabled ? null : this.#tunneling;
  }

  /** Infinity waits for ever. */
  idleTimeoutMs({ filterState }: StreamInfo): number {
    const own = filterStateTextOf(filterState?.get(IDLE_TIMEOUT_STATE));
    return own === null ? this.config.idleTimeoutMs || Infinity : Number(own);
  }

  /** What the connection's filter state says, else by weight; a new draw for each attempt. */
  chooseCluster({ filterState }: StreamInfo): string {
    const own = filterStateTextOf(filterState?.get(TCP_CLUSTER_STATE));
    if (own !== null) return own;
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
