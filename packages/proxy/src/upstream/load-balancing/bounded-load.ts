import type { Hash64 } from "../../base/hash64.ts";
import { MersenneTwister } from "../../base/mersenne-twister.ts";
import type { Host } from "../host.ts";
import type { HashTable, HashTableBuilder } from "./hash-table.ts";
import type { NormalizedHosts } from "./normalized-hosts.ts";

/** Consistent hashing with bounded loads: `hash_balance_factor`. */
export interface LoadBound {
  /** Percent of its fair share of active requests that a host may have; at least 100. */
  readonly factorPercent: number;
  /** Requests on their way to the cluster. */
  activeRequests(): number;
}

/**
 * A table whose hosts take no more than their bound: beyond that another host is chosen, in an order that the hash
 * decides, or else the least overloaded one. The order is Envoy's.
 */
class BoundedTable implements HashTable {
  readonly #table: HashTable;
  readonly #bound: LoadBound;
  readonly #hosts: readonly Host[];
  readonly #shares: ReadonlyMap<Host, number>;
  /** Indices into the hosts, in the order in which they are tried. */
  readonly #order: Uint32Array;

  constructor(table: HashTable, { hosts, shares }: NormalizedHosts, bound: LoadBound) {
    this.#table = table;
    this.#bound = bound;
    this.#hosts = hosts;
    this.#shares = new Map(hosts.map((host, index) => [host, shares[index]!]));
    this.#order = new Uint32Array(hosts.length);
  }

  choose(hash: Hash64, attempt: number): Host | null {
    const host = this.#table.choose(hash, attempt);
    if (host === null) return null;
    const overload = this.#overload(host);
    return overload <= 1 ? host : this.#chooseOther(hash, host, overload);
  }

  #chooseOther(hash: Hash64, first: Host, firstOverload: number): Host {
    const order = this.#order;
    const hosts = this.#hosts;
    for (let i = 0; i < order.length; i++) order[i] = i;
    TWISTER.seed(hash.low);
    let least = first;
    let leastOverload = firstOverload;
    for (let i = 0; i < order.length; i++) {
      const chosen = i + TWISTER.below(order.length - i);
      const index = order[chosen]!;
      order[chosen] = order[i]!;
      const host = hosts[index]!;
      if (host === first) continue;
      const overload = this.#overload(host);
      if (overload <= 1) return host;
      if (overload >= leastOverload) continue;
      least = host;
      leastOverload = overload;
    }
    return least;
  }

  /** Active requests by those that the host may have; above 1 it has too many. */
  #overload(host: Host): number {
    const active = this.#bound.activeRequests();
    const slots = Math.floor(((active + 1) * this.#bound.factorPercent + 99) / 100);
    return host.activeRequests / Math.max(1, Math.ceil(slots * this.#shares.get(host)!));
  }
}

/** Used by one call at a time. */
const TWISTER = new MersenneTwister();

/** The same tables, with a bound. */
export function boundedBuilder(
  builder: HashTableBuilder,
  hosts: NormalizedHosts,
  bound: LoadBound,
): HashTableBuilder {
  return {
    step(units) {
      const table = builder.step(units);
      return table === null ? null : new BoundedTable(table, hosts, bound);
    },
  };
}
