import { indexFilterChains } from "../listener/filter-chain-index.ts";
import { FILTER_CHAIN_CRITERIA } from "../listener/filter-chain-match.ts";
import type { FilterChainConfig, ListenerConfig } from "../listener/model.ts";
import { networkInputs } from "../matching/inputs/network.ts";
import type { MatcherConfig } from "../matching/model.ts";
import { clientAddress, type DownstreamInfo } from "../observe/stream-info.ts";
import type { Runtime } from "../runtime/snapshot.ts";
import { MatcherWalker } from "./matcher-walk.ts";
import type { MatcherStep } from "./model.ts";

/** The filter chain of a connection, and why not another one. */
export interface ChosenFilterChain {
  /** Null when none takes the connection: it is closed. */
  readonly config: FilterChainConfig | null;
  /** In the configuration; -1: the default filter chain. */
  readonly index: number;
  readonly why: string;
  readonly refused: readonly { readonly index: number; readonly why: string }[];
  /** Of `filter_chain_matcher`. */
  readonly matcher: readonly MatcherStep[];
}

/** The chain is the matcher's own choice; the reasons are its steps, taken one after the other. */
export function chooseFilterChain(
  listener: ListenerConfig,
  info: DownstreamInfo,
  runtime: Runtime,
): ChosenFilterChain {
  const chains = listener.filterChains;
  if (listener.filterChainMatcher !== null) {
    return chooseByMatcher(listener, listener.filterChainMatcher, info, runtime);
  }
  const refused = refusals(chains, info);
  const found = indexFilterChains(chains.map(({ match }, index) => ({ match, chain: index })))(
    info,
  );
  if (found !== null) {
    const config = chains[found]!;
    return {
      config,
      index: found,
      why: whyTaken(config, chains.length, info),
      refused,
      matcher: [],
    };
  }
  const config = listener.defaultFilterChain;
  const why = config === null ? CLOSED : "no other filter chain matches: the default one";
  return { config, index: -1, why, refused, matcher: [] };
}

/** The tree names a chain; one that is not there closes the connection, and no name means the default one. */
function chooseByMatcher(
  { filterChains, defaultFilterChain }: ListenerConfig,
  config: MatcherConfig<string>,
  downstream: DownstreamInfo,
  runtime: Runtime,
): ChosenFilterChain {
  const { action, steps } = new MatcherWalker(config, networkInputs, runtime).walk({
    downstream,
    remoteAddress: clientAddress(downstream),
    filterState: downstream.filterState ?? null,
  });
  const base = { refused: [], matcher: steps };
  if (action === null) {
    const why =
      defaultFilterChain === null ? CLOSED : "the matcher comes to nothing: the default one";
    return { ...base, config: defaultFilterChain, index: -1, why };
  }
  const index = filterChains.findIndex(({ name }) => name === action);
  const why = `the matcher comes to ${JSON.stringify(action)}`;
  if (index >= 0) return { ...base, config: filterChains[index]!, index, why };
  return {
    ...base,
    config: null,
    index: -1,
    why: `${why}, which is not there: the connection is closed`,
  };
}

const CLOSED = "no filter chain matches: the connection is closed";

function whyTaken({ match }: FilterChainConfig, count: number, info: DownstreamInfo): string {
  const held = FILTER_CHAIN_CRITERIA.filter(({ rank }) => rank(match, info) > 0);
  if (held.length > 0)
    return held.map(({ field, wanted }) => `${field} ${wanted(match)}`).join(", ");
  return count === 1 ? "the only one, and it has no criteria" : "it has no criteria";
}

/** Chain by chain, the step at which it fell out. */
function refusals(
  chains: readonly FilterChainConfig[],
  info: DownstreamInfo,
): ChosenFilterChain["refused"] {
  const reasons = new Map<number, string>();
  for (const { field, rank, wanted, seen } of FILTER_CHAIN_CRITERIA) {
    const left = [...chains.keys()].filter((index) => !reasons.has(index));
    const ranks = left.map((index) => rank(chains[index]!.match, info));
    const best = Math.max(...ranks);
    left.forEach((index, at) => {
      if (ranks[at]! < 0) {
        const asked = wanted(chains[index]!.match);
        reasons.set(index, `${field}: wanted ${asked}, seen ${seen(info)}`);
      } else if (ranks[at]! < best) {
        reasons.set(index, `${field}: another chain is more specific`);
      }
    });
  }
  return [...reasons].map(([index, why]) => ({ index, why })).toSorted((a, b) => a.index - b.index);
}
