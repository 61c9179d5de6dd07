import { isDeepStrictEqual } from "node:util";
import type {
  FilterChainConfig,
  ListenAddress,
  ListenerConfig,
  ListenerUpdate,
  NetworkFilterConfig,
  PostedFilterChain,
} from "../listener/model.ts";
import { networkFilterMainSides } from "../network-filters.ts";
import { shareEqual } from "./share-equal.ts";

/** A configuration of a listener, compared with the one before: which of its filter chains are the same ones. */
export class ListenerVersion {
  readonly generation: number;
  /** As it was asked for; what did not change is that of the version before. */
  readonly requested: ListenerConfig;
  /** With the ports that it has. */
  readonly bound: ListenerConfig;
  /** Only filter chains are other ones than before, as Envoy counts it. */
  readonly onlyChainsChanged: boolean;
  /** The listener before is gone as a whole: an address of its is, or the names of its stats. */
  readonly replaces: boolean;
  /** Else: how many filter chains of the version before are gone. */
  readonly chainsGone: number;
  readonly matchedChains: readonly PostedFilterChain[];
  readonly defaultChain: PostedFilterChain | null;
  /** Those that workers with the version before have as they are. */
  readonly #kept: ReadonlySet<PostedFilterChain>;

  constructor(
    generation: number,
    requested: ListenerConfig,
    addresses: ListenerConfig["addresses"],
    previous: ListenerVersion | null,
    nextId: () => number,
  ) {
    this.generation = generation;
    this.requested = requested;
    this.bound = { ...requested, addresses };
    this.onlyChainsChanged = previous !== null && haveSameSettings(previous.requested, requested);
    this.replaces = previous !== null && !canContinue(previous.bound, this.bound);
    const before = this.replaces ? null : previous;
    const byKey = new Map(before?.matchedChains.map((chain) => [keyOf(chain.config), chain]));
    this.matchedChains = requested.filterChains.map((config) =>
      liveChain(config, byKey.get(keyOf(config)) ?? null, nextId),
    );
    const { defaultFilterChain } = requested;
    this.defaultChain =
      defaultFilterChain === null
        ? null
        : liveChain(defaultFilterChain, before?.defaultChain ?? null, nextId);
    const old = new Set(before?.chains);
    this.#kept = new Set(this.chains.filter((chain) => old.has(chain)));
    const ids = new Set(this.chains.map(({ id }) => id));
    this.chainsGone = (before?.chains ?? []).filter(({ id }) => !ids.has(id)).length;
  }

  get name(): string {
    return this.requested.name;
  }

  /** All of them. */
  get chains(): readonly PostedFilterChain[] {
    return this.defaultChain === null
      ? this.matchedChains
      : [...this.matchedChains, this.defaultChain];
  }

  /** As workers are to hear it; without what they have where `incremental`. */
  update(incremental: boolean): ListenerUpdate {
    const { filterChains: _chains, defaultFilterChain: _default, ...settings } = this.bound;
    const posted = (chain: PostedFilterChain): PostedFilterChain | number =>
      incremental && this.#kept.has(chain) ? chain.id : chain;
    return {
      generation: this.generation,
      settings,
      filterChains: this.matchedChains.map(posted),
      defaultFilterChain: this.defaultChain === null ? null : posted(this.defaultChain),
    };
  }
}

/** As a worker decides it (`Listener.canBecome`). */
function canContinue(before: ListenerConfig, after: ListenerConfig): boolean {
  const keys = new Set(after.addresses.map(boundKey));
  return (
    before.scope.base === after.scope.base &&
    before.udp === null &&
    after.udp === null &&
    before.ignoreGlobalConnLimit === after.ignoreGlobalConnLimit &&
    before.bypassOverloadManager === after.bypassOverloadManager &&
    before.addresses.every((address) => keys.has(boundKey(address)))
  );
}

function boundKey({ protocol, ip, port, path, ipv4Compat }: ListenAddress): string {
  return JSON.stringify([protocol, ip, port, path, ipv4Compat]);
}

/** Two chains of one listener never have the same. */
function keyOf({ name, match }: FilterChainConfig): string {
  return `${name} ${JSON.stringify(match)}`;
}

/** The chain itself when it means the same, in another revision when its connections can go on, else a new one. */
function liveChain(
  config: FilterChainConfig,
  before: PostedFilterChain | null,
  nextId: () => number,
): PostedFilterChain {
  if (before === null || !connectionsGoOn(before.config, config))
    return { id: nextId(), revision: 0, config };
  if (before.config === config) return before;
  return { id: before.id, revision: before.revision + 1, config };
}

function connectionsGoOn(before: FilterChainConfig, after: FilterChainConfig): boolean {
  if (before === after) return true;
  const { filters: filtersBefore, ...restBefore } = before;
  const { filters: filtersAfter, ...restAfter } = after;
  return (
    isDeepStrictEqual(restBefore, restAfter) &&
    filtersBefore.length === filtersAfter.length &&
    filtersBefore.every((filter, index) => filterGoesOn(filter, filtersAfter[index]!))
  );
}

function filterGoesOn(before: NetworkFilterConfig, after: NetworkFilterConfig): boolean {
  if (before === after) return true;
  if (before.type !== after.type || before.name !== after.name) return false;
  const side = networkFilterMainSides.get(before.type);
  return side?.sameConnections?.(before.config, after.config) === true;
}

/** All but what is about filter chains. */
function haveSameSettings(before: ListenerConfig, after: ListenerConfig): boolean {
  const { filterChains: _f, defaultFilterChain: _d, filterChainMatcher: _m, ...one } = before;
  const { filterChains: _g, defaultFilterChain: _e, filterChainMatcher: _n, ...other } = after;
  return shareEqual(one, other) === one;
}
