import type { HeaderMap } from "@nuncio/codec";
import { Hash64 } from "../../../base/hash64.ts";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { Runtime } from "../../../runtime/snapshot.ts";
import { buildHashPolicies, type HashPolicies } from "../../hash-policy/hash-policies.ts";
import { parseUnsigned } from "../matchers/integer.ts";
import type { RouteConfig, WeightedClustersConfig } from "../model.ts";
import type { EntryChoice } from "./entry-choice.ts";
import { CompiledRouteEntry } from "./route-entry.ts";
import type { VirtualHost } from "./virtual-host.ts";

const TOTAL_WEIGHT_MAX = 2 ** 32 - 1;

/** Used by one call at a time. */
const HASH = new Hash64();

/** A route over weighted clusters: one entry for each of them, built when it is first drawn. */
export class WeightedChoice implements EntryChoice {
  readonly #virtualHost: VirtualHost;
  readonly #route: RouteConfig;
  readonly #config: WeightedClustersConfig;
  readonly #hashPolicies: HashPolicies | null;
  readonly #entries: (CompiledRouteEntry | undefined)[] = [];
  #weights: readonly number[];
  #totalWeight: number;
  #generation = -1;

  constructor(virtualHost: VirtualHost, route: RouteConfig, config: WeightedClustersConfig) {
    this.#virtualHost = virtualHost;
    this.#route = route;
    this.#config = config;
    this.#weights = config.clusters.map(({ weight }) => weight);
    this.#totalWeight = config.totalWeight;
    const policies =
      config.byHash === true && route.action.kind === "route" ? route.action.hashPolicies : [];
    this.#hashPolicies = buildHashPolicies(policies);
  }

  pick(headers: HeaderMap, info: StreamInfo, random: number): CompiledRouteEntry | null {
    const { clusters, runtimeKeyPrefix } = this.#config;
    if (runtimeKeyPrefix !== undefined && !this.#refresh()) return null;
    const weights = this.#weights;
    let left = this.#value(headers, info, random);
    let at = 0;
    while (left >= weights[at]!) left -= weights[at++]!;
    return (this.#entries[at] ??= new CompiledRouteEntry(
      this.#virtualHost,
      this.#route,
      clusters[at]!,
    ));
  }

  /** The weights as the runtime has them now; false when there is nothing to choose by them. */
  #refresh(): boolean {
    const { runtime } = this.#virtualHost.deps.worker;
    if (this.#generation !== runtime.generation) {
      this.#generation = runtime.generation;
      this.#weights = weightsNow(this.#config, runtime);
      this.#totalWeight = this.#weights.reduce((sum, weight) => sum + weight, 0);
    }
    return this.#totalWeight > 0 && this.#totalWeight <= TOTAL_WEIGHT_MAX;
  }

  /** Below the total weight. A header counts only when it stands there once and is a number. */
  #value(headers: HeaderMap, info: StreamInfo, random: number): number {
    const totalWeight = this.#totalWeight;
    const { randomValueHeader } = this.#config;
    if (this.#hashPolicies?.hash(headers, info, null, HASH) === true)
      return HASH.modulo(totalWeight);
    if (randomValueHeader === "") return random % totalWeight;
    const values = headers.getAll(randomValueHeader);
    const value = values.length === 1 ? parseUnsigned(values[0]!) : null;
    return value === null ? random % totalWeight : Number(value % BigInt(totalWeight));
  }
}

/** The clusters' weights; those of the runtime before those that are configured. */
export function weightsNow(config: WeightedClustersConfig, runtime: Runtime): readonly number[] {
  const { clusters, runtimeKeyPrefix: prefix } = config;
  return clusters.map(({ name, weight }) =>
    prefix === undefined ? weight : runtime.integer(`${prefix}.${name}`, weight),
  );
}
