import { isDeepStrictEqual } from "node:util";
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

/** What a connection's chain is chosen from, and how. */
interface Choice {
  readonly chains: readonly FilterChain[];
  readonly defaultChain: FilterChain | null;
  readonly matcher: MatcherConfig<string> | null;
}

/** The filter chains of a listener on a worker, and how the one of a connection is found. */
export class FilterChains {
  /** Null: the connection is to be closed. */
  find: FindFilterChain<FilterChain> = () => null;
  readonly #owner: FilterChainOwner;
  readonly #services: NetworkServices;
  readonly #build: BuildNetworkFilter;
  #byId: ReadonlyMap<number, FilterChain> = new Map();
  /** What `find` was made of. */
  #choice: Choice = { chains: [], defaultChain: null, matcher: null };

  constructor(owner: FilterChainOwner, services: NetworkServices, build: BuildNetworkFilter) {
    this.#owner = owner;
    this.#services = services;
    this.#build = build;
  }

  get all(): Iterable<FilterChain> {
    return this.#byId.values();
  }

  /** @throws Error for the id of a chain that is not known here */
  prepare(update: ListenerUpdate): PreparedChains {
    const byId = new Map<number, FilterChain>();
    const built: FilterChain[] = [];
    const changes: PreparedChange[] = [];
    const chainOf = (posted: PostedFilterChain | number): FilterChain => {
      const chain = typeof posted === "number" ? this.#known(posted) : this.#byId.get(posted.id);
      if (chain !== undefined) {
        byId.set(chain.id, chain);
        if (typeof posted !== "number" && posted.revision !== chain.revision)
          changes.push(chain.prepare(posted, this.#build));
        return chain;
      }
      const fresh = this.#newChain(posted as PostedFilterChain);
      built.push(fresh);
      byId.set(fresh.id, fresh);
      return fresh;
    };
    const { defaultFilterChain } = update;
    const choice: Choice = {
      chains: update.filterChains.map(chainOf),
      defaultChain: defaultFilterChain === null ? null : chainOf(defaultFilterChain),
      matcher: update.settings.filterChainMatcher,
    };
    // A chain that only serves by other filters is found as it was.
    const find = isSameChoice(this.#choice, choice) ? this.find : this.#finder(choice);
    return {
      commit: () => {
        for (const change of changes) change.commit();
        const gone = [...this.#byId.values()].filter(({ id }) => !byId.has(id));
        this.#byId = byId;
        this.find = find;
        this.#choice = choice;
        return gone;
      },
      discard: () => {
        for (const chain of built) chain.close();
        for (const change of changes) change.discard();
      },
    };
  }

  #known(id: number): FilterChain {
    const chain = this.#byId.get(id);
    if (chain === undefined) throw new Error(`filter chain ${id} is not known here`);
    return chain;
  }

  #newChain(posted: PostedFilterChain): FilterChain {
    const { transportSocket } = posted.config;
    return new FilterChain(
      posted,
      this.#owner,
      transportSocket === null ? null : this.#services.tlsSockets.downstream(transportSocket),
      this.#build,
    );
  }

  #finder({ chains, defaultChain, matcher }: Choice): FindFilterChain<FilterChain> {
    if (matcher !== null) {
      const byName = new Map(chains.map((chain) => [chain.config.name, chain]));
      return byMatcher(matcher, byName, defaultChain, this.#services);
    }
    const find = indexFilterChains(chains.map((chain) => ({ match: chain.config.match, chain })));
    return (info) => find(info) ?? defaultChain;
  }
}

function isSameChoice(before: Choice, after: Choice): boolean {
  return (
    before.defaultChain === after.defaultChain &&
    before.chains.length === after.chains.length &&
    before.chains.every((chain, index) => chain === after.chains[index]) &&
    isDeepStrictEqual(before.matcher, after.matcher)
  );
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
