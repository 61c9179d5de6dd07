import { cidrContains, type CidrConfig } from "../base/cidr.ts";
import { isLocalConnection } from "../base/local-connection.ts";
import type { DownstreamInfo } from "../observe/stream-info.ts";
import type { FilterChainMatchConfig } from "./model.ts";

/**
 * Envoy's filter chain match: criteria in a fixed order, and at each step the most specific value that any chain names
 * wins; there is no way back (listener_components.proto, `FilterChainMatch`). Chains that fall out at a step are gone
 * even when the winner fails later.
 */
export class FilterChainMatcher<Chain> {
  readonly #entries: Entry<Chain>[];

  constructor(
    chains: readonly { readonly match: FilterChainMatchConfig | null; readonly chain: Chain }[],
  ) {
    this.#entries = chains.map(({ match, chain }) => ({ match: match ?? MATCH_ALL, chain }));
  }

  /** The chain for a connection, or null when none matches. */
  find(info: DownstreamInfo): Chain | null {
    let left: readonly Entry<Chain>[] = this.#entries;
    for (const { rank } of FILTER_CHAIN_CRITERIA) {
      left = mostSpecific(left, ({ match }) => rank(match, info));
    }
    return left[0]?.chain ?? null;
  }
}

/** One step of the match. */
export interface FilterChainCriterion {
  /** The field of `FilterChainMatch`. */
  readonly field: string;
  /** How specific a chain's match of a connection is: 0 when it does not ask, below 0 when it does not match. */
  readonly rank: (match: FilterChainMatchConfig, info: DownstreamInfo) => number;
  /** What the chain asks for, and what the connection has, in words. */
  readonly wanted: (match: FilterChainMatchConfig) => string;
  readonly seen: (info: DownstreamInfo) => string;
}

/** The steps in their order. */
export const FILTER_CHAIN_CRITERIA: readonly FilterChainCriterion[] = [
  {
    field: "destination_port",
    rank: ({ destinationPort: port }, { localAddress }) =>
      port === 0 ? 0 : port === localAddress.port ? 1 : -1,
    wanted: ({ destinationPort }) => String(destinationPort),
    seen: ({ localAddress }) => String(localAddress.port),
  },
  {
    field: "prefix_ranges",
    rank: ({ prefixRanges }, { localAddress }) => longestPrefix(prefixRanges, localAddress.ip),
    wanted: ({ prefixRanges }) => rangesText(prefixRanges),
    seen: ({ localAddress }) => localAddress.ip,
  },
  {
    field: "direct_source_prefix_ranges",
    rank: ({ directSourcePrefixRanges }, { directRemoteAddress }) =>
      longestPrefix(directSourcePrefixRanges, directRemoteAddress.ip),
    wanted: ({ directSourcePrefixRanges }) => rangesText(directSourcePrefixRanges),
    seen: ({ directRemoteAddress }) => directRemoteAddress.ip,
  },
  {
    field: "source_type",
    rank: (match, { directRemoteAddress, localAddress }) =>
      sourceType(match.sourceType, directRemoteAddress.ip, localAddress.ip),
    wanted: (match) => match.sourceType.toUpperCase(),
    seen: ({ directRemoteAddress }) => directRemoteAddress.ip,
  },
  {
    field: "source_prefix_ranges",
    rank: ({ sourcePrefixRanges }, { directRemoteAddress }) =>
      longestPrefix(sourcePrefixRanges, directRemoteAddress.ip),
    wanted: ({ sourcePrefixRanges }) => rangesText(sourcePrefixRanges),
    seen: ({ directRemoteAddress }) => directRemoteAddress.ip,
  },
  {
    field: "source_ports",
    rank: ({ sourcePorts }, { directRemoteAddress }) =>
      sourcePorts.length === 0 ? 0 : sourcePorts.includes(directRemoteAddress.port) ? 1 : -1,
    wanted: ({ sourcePorts }) => sourcePorts.join(", "),
    seen: ({ directRemoteAddress }) => String(directRemoteAddress.port),
  },
];

interface Entry<Chain> {
  readonly match: FilterChainMatchConfig;
  readonly chain: Chain;
}

/** Of a chain without criteria. */
export const MATCH_ALL: FilterChainMatchConfig = {
  destinationPort: 0,
  prefixRanges: [],
  directSourcePrefixRanges: [],
  sourceType: "any",
  sourcePrefixRanges: [],
  sourcePorts: [],
};

/** Keeps the entries of the highest rank; a rank below 0 is no match. */
function mostSpecific<Chain>(
  entries: readonly Entry<Chain>[],
  rank: (entry: Entry<Chain>) => number,
): readonly Entry<Chain>[] {
  if (entries.length === 0) return entries;
  let best = -1;
  const ranks = entries.map((entry) => {
    const value = rank(entry);
    if (value > best) best = value;
    return value;
  });
  return best < 0 ? [] : entries.filter((_, index) => ranks[index] === best);
}

function rangesText(ranges: readonly CidrConfig[]): string {
  return ranges.map(({ ip, bits }) => `${ip}/${bits}`).join(", ");
}

/** 0 for no ranges, 1 + bits for the longest range that holds `ip`, -1 for none. */
function longestPrefix(ranges: readonly CidrConfig[], ip: string): number {
  if (ranges.length === 0) return 0;
  let best = -1;
  for (const range of ranges) {
    if (range.bits + 1 > best && cidrContains(range, ip)) best = range.bits + 1;
  }
  return best;
}

function sourceType(
  type: FilterChainMatchConfig["sourceType"],
  peer: string,
  local: string,
): number {
  if (type === "any") return 0;
  return isLocalConnection(peer, local) === (type === "same_ip_or_loopback") ? 1 : -1;
}
