import { buildMatcher } from "../matching/build.ts";
import { networkInputs } from "../matching/inputs/network.ts";
import type { MatcherConfig } from "../matching/model.ts";
import type { NetworkServices } from "../network/services.ts";
import { clientAddress } from "../observe/stream-info.ts";
import { indexFilterChains, type FindFilterChain } from "./filter-chain-index.ts";
import {
  FilterChain,
  type BuildNetworkFilter,
  type FilterChainOwner,
  type PreparedChange,
} from "./filter-chain.ts";
import type { ListenerUpdate, PostedFilterChain } from "./model.ts";

/** The chains of the next version, built, before the first connection gets one of them. */
export interface PreparedChains {
  /** From now on they are the chains. Returns those that went. */
  commit(): readonly FilterChain[];
  /** Drops what was built for them. */
  discard(): void;
}

/** The filter chains of a listener on a worker, and how the one of a connection is found. */
export class FilterChains {
  /** Null: the connection is to be closed. */
  find: FindFilterChain<FilterChain> = () => null;
  readonly #owner: FilterChainOwner;
  readonly #services: NetworkServices;
  readonly #build: BuildNetworkFilter;
  #byId: ReadonlyMap<number, FilterChain> = new Map();

  constructor(owner: FilterChainOwner, services: NetworkServices, build: BuildNetworkFilter) {
    this.#owner = owner;
    this.#services = services;
    this.#build = build;
  }

  get all(): Iterable<FilterChain> {
    return this.#byId.values();
  }

  /** @throws Error when a chain is said to be known here and is not */
  prepare(update: ListenerUpdate): PreparedChains {
    const byId = new Map<number, FilterChain>();
    const built: FilterChain[] = [];
    const changes: PreparedChange[] = [];
    const chainOf = (posted: PostedFilterChain): FilterChain => {
      const known = this.#byId.get(posted.id);
      const { config, revision } = posted;
      if (config === null && known?.revision !== revision)
        throw new Error(`filter chain ${posted.id} is not known in revision ${revision}`);
      if (known !== undefined && config !== null && known.revision !== revision)
        changes.push(known.prepare(config, revision, this.#build));
      const chain = known ?? this.#newChain(posted);
      if (known === undefined) built.push(chain);
      byId.set(posted.id, chain);
      return chain;
    };
    const { defaultFilterChain } = update;
    const chains = update.filterChains.map(chainOf);
    const defaultChain = defaultFilterChain === null ? null : chainOf(defaultFilterChain);
    const find = this.#finder(chains, defaultChain, update.settings.filterChainMatcher);
    return {
      commit: () => {
        for (const change of changes) change.commit();
        const gone = [...this.#byId.values()].filter(({ id }) => !byId.has(id));
        this.#byId = byId;
        this.find = find;
        return gone;
      },
      discard: () => {
        for (const chain of built) chain.close();
        for (const change of changes) change.discard();
      },
    };
  }

  #newChain(posted: PostedFilterChain): FilterChain {
    const config = posted.config!;
    const { transportSocket } = config;
    return new FilterChain(
      posted,
      config,
      this.#owner,
      transportSocket === null ? null : this.#services.tlsSockets.downstream(transportSocket),
      this.#build,
    );
  }

  #finder(
    chains: readonly FilterChain[],
    defaultChain: FilterChain | null,
    matcher: MatcherConfig<string> | null,
  ): FindFilterChain<FilterChain> {
    if (matcher !== null) {
      const byName = new Map(chains.map((chain) => [chain.config.name, chain]));
      return byMatcher(matcher, byName, defaultChain, this.#services);
    }
    const find = indexFilterChains(chains.map((chain) => ({ match: chain.config.match, chain })));
    return (info) => find(info) ?? defaultChain;
  }
}

/** `filter_chain_matcher`: a name of no chain closes the connection, no name leaves the default chain. */
function byMatcher(
  config: MatcherConfig<string>,
  chains: ReadonlyMap<string, FilterChain>,
  defaultChain: FilterChain | null,
  { worker }: NetworkServices,
): FindFilterChain<FilterChain> {
  const tree = buildMatcher(config, {
    worker,
    inputs: networkInputs,
    buildAction: (name) => ({ chain: chains.get(name) ?? null }),
  });
  return (downstream) => {
    const found = tree.match({
      downstream,
      remoteAddress: clientAddress(downstream),
      filterState: downstream.filterState ?? null,
    });
    return found === null || found === undefined ? defaultChain : found.chain;
  };
}
