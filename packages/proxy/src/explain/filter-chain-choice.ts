import {
  FILTER_CHAIN_CRITERIA,
  FilterChainMatcher,
  MATCH_ALL,
} from "../listener/filter-chain-match.ts";
import type { FilterChainConfig, ListenerConfig } from "../listener/model.ts";
import type { DownstreamInfo } from "../observe/stream-info.ts";

/** The filter chain of a connection, and why not another one. */
export interface ChosenFilterChain {
  /** Null when none takes the connection: it is closed. */
  readonly config: FilterChainConfig | null;
  /** In the configuration; -1: the default filter chain. */
  readonly index: number;
  readonly why: string;
  readonly refused: readonly { readonly index: number; readonly why: string }[];
}

/** The chain is the matcher's own choice; the reasons are its steps, taken one after the other. */
export function chooseFilterChain(
  listener: ListenerConfig,
  info: DownstreamInfo,
): ChosenFilterChain {
  const chains = listener.filterChains;
  const refused = refusals(chains, info);
  const found = new FilterChainMatcher(
    chains.map(({ match }, index) => ({ match, chain: index })),
  ).find(info);
  if (found !== null) {
    const config = chains[found]!;
    return { config, index: found, why: whyTaken(config, chains.length, info), refused };
  }
  const config = listener.defaultFilterChain;
  const why =
    config === null
      ? "no filter chain matches: the connection is closed"
      : "no other filter chain matches: the default one";
  return { config, index: -1, why, refused };
}

function whyTaken({ match }: FilterChainConfig, count: number, info: DownstreamInfo): string {
  const criteria = match ?? MATCH_ALL;
  const held = FILTER_CHAIN_CRITERIA.filter(({ rank }) => rank(criteria, info) > 0);
  if (held.length > 0)
    return held.map(({ field, wanted }) => `${field} ${wanted(criteria)}`).join(", ");
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
    const ranks = left.map((index) => rank(chains[index]!.match ?? MATCH_ALL, info));
    const best = Math.max(...ranks);
    left.forEach((index, at) => {
      if (ranks[at]! < 0) {
        const asked = wanted(chains[index]!.match!);
        reasons.set(index, `${field}: wanted ${asked}, seen ${seen(info)}`);
      } else if (ranks[at]! < best) {
        reasons.set(index, `${field}: another chain is more specific`);
      }
    });
  }
  return [...reasons].map(([index, why]) => ({ index, why })).toSorted((a, b) => a.index - b.index);
}
