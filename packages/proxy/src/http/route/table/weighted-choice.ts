import type { HeaderMap } from "@nuncio/codec";
import { Hash64 } from "../../../base/hash64.ts";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import { buildHashPolicies, type HashPolicies } from "../../hash-policy/hash-policies.ts";
import { parseUnsigned } from "../matchers/integer.ts";
import type { ClusterChoiceConfig, RouteConfig } from "../model.ts";
import type { EntryChoice } from "./entry-choice.ts";
import { CompiledRouteEntry } from "./route-entry.ts";
import type { VirtualHost } from "./virtual-host.ts";

/** Used by one call at a time. */
const HASH = new Hash64();

/** A route over weighted clusters: one entry for each of them, built when it is first drawn. */
export class WeightedChoice implements EntryChoice {
  readonly #virtualHost: VirtualHost;
  readonly #route: RouteConfig;
  readonly #config: ClusterChoiceConfig & { readonly kind: "weighted" };
  readonly #hashPolicies: HashPolicies | null;
  readonly #entries: (CompiledRouteEntry | undefined)[] = [];

  constructor(
    virtualHost: VirtualHost,
    route: RouteConfig,
    config: ClusterChoiceConfig & { readonly kind: "weighted" },
  ) {
    this.#virtualHost = virtualHost;
    this.#route = route;
    this.#config = config;
    const policies =
      config.byHash === true && route.action.kind === "route" ? route.action.hashPolicies : [];
    this.#hashPolicies = buildHashPolicies(policies);
  }

  pick(headers: HeaderMap, info: StreamInfo, random: number): CompiledRouteEntry {
    const { clusters } = this.#config;
    let left = this.#value(headers, info, random);
    let at = 0;
    while (left >= clusters[at]!.weight) left -= clusters[at++]!.weight;
    return (this.#entries[at] ??= new CompiledRouteEntry(
      this.#virtualHost,
      this.#route,
      clusters[at]!,
    ));
  }

  /** Below the total weight. A header counts only when it stands there once and is a number. */
  #value(headers: HeaderMap, info: StreamInfo, random: number): number {
    const { totalWeight, randomValueHeader } = this.#config;
    if (this.#hashPolicies?.hash(headers, info, null, HASH) === true)
      return HASH.modulo(totalWeight);
    if (randomValueHeader === "") return random % totalWeight;
    const values = headers.getAll(randomValueHeader);
    const value = values.length === 1 ? parseUnsigned(values[0]!) : null;
    return value === null ? random % totalWeight : Number(value % BigInt(totalWeight));
  }
}
