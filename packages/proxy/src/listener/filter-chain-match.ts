import { cidrContains, type CidrConfig } from "../base/cidr.ts";
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
    const local = info.localAddress;
    const peer = info.directRemoteAddress;
    let left = mostSpecific(this.#entries, ({ match }) =>
      match.destinationPort === 0 ? 0 : match.destinationPort === local.port ? 1 : -1,
    );
    left = mostSpecific(left, ({ match }) => longestPrefix(match.prefixRanges, local.ip));
    left = mostSpecific(left, ({ match }) =>
      longestPrefix(match.directSourcePrefixRanges, peer.ip),
    );
    left = mostSpecific(left, ({ match }) => sourceType(match.sourceType, peer.ip, local.ip));
    left = mostSpecific(left, ({ match }) => longestPrefix(match.sourcePrefixRanges, peer.ip));
    left = mostSpecific(left, ({ match }) =>
      match.sourcePorts.length === 0 ? 0 : match.sourcePorts.includes(peer.port) ? 1 : -1,
    );
    return left[0]?.chain ?? null;
  }
}

interface Entry<Chain> {
  readonly match: FilterChainMatchConfig;
  readonly chain: Chain;
}

const MATCH_ALL: FilterChainMatchConfig = {
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
  const near = peer === local || isLoopback(peer) || peer === "";
  return near === (type === "same_ip_or_loopback") ? 1 : -1;
}

function isLoopback(ip: string): boolean {
  return ip.startsWith("127.") || ip === "::1";
}
