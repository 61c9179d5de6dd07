import type { Metadata } from "../../observe/stream-info.ts";
import type { Address } from "../../observe/stream-info.ts";
import type { ClusterConfig, Locality } from "../model.ts";
import type { MainHostMemory } from "../shared/host-memory.ts";
import { HEALTH_FLAG_NAMES, HostCounter } from "../shared/host-memory.ts";
import type { ManagedCluster } from "./managed-cluster.ts";

/** What /clusters shows of one cluster. */
export interface ClusterStatus {
  readonly config: ClusterConfig;
  readonly addedViaApi: boolean;
  readonly hosts: readonly HostStatus[];
}

/** What /clusters shows of one host. */
export interface HostStatus {
  readonly address: Address;
  readonly hostname: string;
  readonly weight: number;
  readonly priority: number;
  readonly locality: Locality;
  readonly metadata: Metadata | null;
  /** `HealthFlag` bits. */
  readonly healthFlags: number;
  /** Counters and gauges under Envoy's names, gauges last. */
  readonly stats: readonly HostStat[];
}

export interface HostStat {
  readonly name: string;
  readonly kind: "counter" | "gauge";
  readonly value: number;
}

const STATS = [
  { name: "cx_connect_fail", kind: "counter", counter: HostCounter.CxConnectFail },
  { name: "cx_total", kind: "counter", counter: HostCounter.CxTotal },
  { name: "rq_error", kind: "counter", counter: HostCounter.RqError },
  { name: "rq_success", kind: "counter", counter: HostCounter.RqSuccess },
  { name: "rq_timeout", kind: "counter", counter: HostCounter.RqTimeout },
  { name: "rq_total", kind: "counter", counter: HostCounter.RqTotal },
  { name: "cx_active", kind: "gauge", counter: HostCounter.CxActive },
  { name: "rq_active", kind: "gauge", counter: HostCounter.RqActive },
  { name: "rq_pending_active", kind: "gauge", counter: HostCounter.RqPendingActive },
] as const;

/** The cluster as it is now, its hosts by priority. */
export function clusterStatus(cluster: ManagedCluster, memory: MainHostMemory): ClusterStatus {
  const hosts: HostStatus[] = [];
  cluster.hosts.hostSets.forEach((hostSet, priority) => {
    for (const host of hostSet.hosts) {
      const { address, hostname, weight, metadata, slot } = host;
      const stats = STATS.map(({ name, kind, counter }) => ({
        name,
        kind,
        value: memory.counter(slot, counter),
      }));
      const locality = hostSet.localities[host.locality]!;
      const healthFlags = memory.healthFlags(slot);
      hosts.push({ address, hostname, weight, priority, locality, metadata, healthFlags, stats });
    }
  });
  const { definition, origin } = cluster;
  return { config: definition.config, addedViaApi: origin.addedViaApi, hosts };
}

/** `healthy`, or `/failed_eds_health/…` in Envoy's words and order. */
export function healthFlagsText(flags: number): string {
  const names = HEALTH_FLAG_NAMES.filter(([flag]) => (flags & flag) !== 0).map(
    ([, name]) => `/${name}`,
  );
  return names.length === 0 ? "healthy" : names.join("");
}
