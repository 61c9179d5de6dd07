import type { Address } from "../../observe/stream-info.ts";
import type { HostData, Locality } from "../model.ts";
import type { DropCounts, DropMemory } from "../shared/drop-memory.ts";
import { HostCounter, type MainHostMemory } from "../shared/host-memory.ts";
import type { ManagedCluster } from "./managed-cluster.ts";

/** Requests of an interval; `active` are those under way at its end. */
export interface LoadCounts {
  issued: number;
  success: number;
  error: number;
  active: number;
}

/** The load of one host. */
export interface HostLoad extends LoadCounts {
  readonly address: Address;
}

/** The load of the hosts of one locality at one priority. */
export interface LocalityLoad {
  readonly locality: Locality;
  readonly priority: number;
  readonly hosts: readonly HostLoad[];
}

/** What went to a cluster in an interval, and what did not. */
export interface ClusterLoadCounts extends DropCounts {
  readonly localities: readonly LocalityLoad[];
}

type Counted = Omit<LoadCounts, "active"> & { readonly addedMs: number };

/** What was counted until the last look. */
interface Seen {
  readonly hosts: ReadonlyMap<number, Counted>;
  readonly drops: DropCounts;
}

/** Reads what the workers count, as differences from the last time: workers know nothing of intervals. */
export class LoadCounters {
  readonly #hosts: MainHostMemory;
  readonly #drops: DropMemory;
  readonly #seen = new Map<string, Seen>();

  constructor(hosts: MainHostMemory, drops: DropMemory) {
    this.#hosts = hosts;
    this.#drops = drops;
  }

  /** The cluster's next interval begins now. */
  begin(cluster: ManagedCluster): void {
    this.take(cluster);
  }

  /** Nobody asks for the cluster any more. */
  forget(name: string): void {
    this.#seen.delete(name);
  }

  /** What was counted since the last call. A host that came in between counts from its coming on. */
  take(cluster: ManagedCluster): ClusterLoadCounts {
    const before = this.#seen.get(cluster.name);
    const hosts = new Map<number, Counted>();
    const localities: LocalityLoad[] = [];
    cluster.hosts.hostSets.forEach((hostSet, priority) => {
      const byLocality: HostLoad[][] = hostSet.localities.map(() => []);
      for (const host of hostSet.hosts) {
        const now = this.#countedOf(host);
        hosts.set(host.slot, now);
        byLocality[host.locality]!.push(this.#loadOf(host, now, before?.hosts.get(host.slot)));
      }
      hostSet.localities.forEach((locality, index) =>
        localities.push({ locality, priority, hosts: byLocality[index]! }),
      );
    });
    const drops = this.#drops.read(cluster.breakerSlot);
    this.#seen.set(cluster.name, { hosts, drops });
    return { localities, ...dropsSince(drops, before?.drops) };
  }

  #countedOf({ slot, addedMs }: HostData): Counted {
    return {
      addedMs,
      issued: this.#hosts.counter(slot, HostCounter.RqTotal),
      success: this.#hosts.counter(slot, HostCounter.RqSuccess),
      error: this.#hosts.counter(slot, HostCounter.RqError),
    };
  }

  #loadOf({ address, slot, addedMs }: HostData, now: Counted, before?: Counted): HostLoad {
    // A place may have gone to another host.
    const from = before?.addedMs === addedMs ? before : NOTHING;
    return {
      address,
      issued: now.issued - from.issued,
      success: now.success - from.success,
      error: now.error - from.error,
      active: this.#hosts.counter(slot, HostCounter.RqActive),
    };
  }
}

const NOTHING = { issued: 0, success: 0, error: 0 };

function dropsSince(now: DropCounts, before: DropCounts = now): DropCounts {
  return {
    dropped: (now.dropped - before.dropped) >>> 0,
    dropOverload: (now.dropOverload - before.dropOverload) >>> 0,
  };
}
