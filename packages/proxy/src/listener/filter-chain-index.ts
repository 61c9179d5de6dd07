import type { CidrConfig } from "../base/cidr.ts";
import { isLocalConnection } from "../base/local-connection.ts";
import { IpIntervals } from "../matching/tree/ip-intervals.ts";
import { maskAddress } from "../observe/format/mask-address.ts";
import { clientAddress, type DownstreamInfo } from "../observe/stream-info.ts";
import type { FilterChainMatchConfig } from "./model.ts";

/** A filter chain and what it matches. */
export interface FilterChainEntry<Chain> {
  readonly match: FilterChainMatchConfig;
  readonly chain: Chain;
}

/** A level of the index: from a connection to the level below, and in the end to a chain. */
export type FindFilterChain<Chain> = (info: DownstreamInfo) => Chain | null;

type Entries<Chain> = readonly FilterChainEntry<Chain>[];
type Below<Chain> = (entries: Entries<Chain>) => FindFilterChain<Chain>;
/** Makes a level of those entries, with the levels that are left. */
type Level = <Chain>(entries: Entries<Chain>, below: Below<Chain>) => FindFilterChain<Chain>;

/**
 * Filter chains by their criteria: a look-up per criterion, however many chains there are; null for a connection that none
 * matches. Criteria that no chain of a branch asks for have no level in it. `onOverlap` is told when two chains match the same connections; the first one stands.
 */
export function indexFilterChains<Chain>(
  entries: Entries<Chain>,
  onOverlap: () => void = () => {},
): FindFilterChain<Chain> {
  const build = (level: number, left: Entries<Chain>): FindFilterChain<Chain> => {
    const make = LEVELS[level];
    if (make !== undefined && left.length > 0) return make(left, (some) => build(level + 1, some));
    if (left.length > 1) onOverlap();
    const chain = left[0]?.chain ?? null;
    return () => chain;
  };
  return build(0, entries);
}

/** In the order of Envoy's match; what is chosen on one level is never taken back on a later one. */
const LEVELS: readonly Level[] = [
  byKey(
    ({ destinationPort }) => (destinationPort === 0 ? [] : [destinationPort]),
    ({ localAddress }) => localAddress.port,
  ),
  byRange(
    ({ prefixRanges }) => prefixRanges,
    ({ localAddress }) => localAddress.ip,
  ),
  byServerName,
  byKey(
    ({ transportProtocol }) => (transportProtocol === "" ? [] : [transportProtocol]),
    ({ transportProtocol }) => transportProtocol || "raw_buffer",
  ),
  byApplicationProtocol,
  byRange(
    ({ directSourcePrefixRanges }) => directSourcePrefixRanges,
    ({ directRemoteAddress }) => directRemoteAddress.ip,
  ),
  bySourceType,
  byRange(
    ({ sourcePrefixRanges }) => sourcePrefixRanges,
    (info) => clientAddress(info).ip,
  ),
  byKey(
    ({ sourcePorts }) => sourcePorts,
    (info) => clientAddress(info).port,
  ),
];

interface Groups<Chain, Key> {
  readonly byKey: ReadonlyMap<Key, FindFilterChain<Chain>>;
  /** For what has no key of its own. */
  readonly rest: FindFilterChain<Chain>;
}

/** The entries that name a key, per key, and those that name none. */
function group<Chain, Key>(
  entries: Entries<Chain>,
  keysOf: (match: FilterChainMatchConfig) => readonly Key[],
  below: Below<Chain>,
): Groups<Chain, Key> {
  const keyed = new Map<Key, FilterChainEntry<Chain>[]>();
  const rest: FilterChainEntry<Chain>[] = [];
  for (const entry of entries) {
    const keys = keysOf(entry.match);
    if (keys.length === 0) rest.push(entry);
    for (const key of keys) {
      const others = keyed.get(key);
      // An empty text asks for nothing.
      if (key === "") rest.push(entry);
      else if (others === undefined) keyed.set(key, [entry]);
      else others.push(entry);
    }
  }
  const found = new Map([...keyed].map(([key, some]) => [key, below(some)] as const));
  return { byKey: found, rest: below(rest) };
}

function byKey(
  keysOf: (match: FilterChainMatchConfig) => readonly (string | number)[],
  keyOf: (info: DownstreamInfo) => string | number,
): Level {
  return <Chain>(entries: Entries<Chain>, below: Below<Chain>): FindFilterChain<Chain> => {
    const { byKey: found, rest } = group(entries, keysOf, below);
    if (found.size === 0) return rest;
    return (info) => (found.get(keyOf(info)) ?? rest)(info);
  };
}

/** The longest range that holds the address. */
function byRange(
  rangesOf: (match: FilterChainMatchConfig) => readonly CidrConfig[],
  ipOf: (info: DownstreamInfo) => string,
): Level {
  return <Chain>(entries: Entries<Chain>, below: Below<Chain>): FindFilterChain<Chain> => {
    const { byKey: found, rest } = group(entries, (match) => rangesOf(match).map(rangeText), below);
    if (found.size === 0) return rest;
    const ranges = new IpIntervals(
      [...found].map(([text, value]) => {
        const [ip = "", bits] = text.split("/");
        return { ip, bits: Number(bits), value };
      }),
    );
    return (info) => (ranges.find(ipOf(info))?.[0] ?? rest)(info);
  };
}

function rangeText({ ip, bits }: CidrConfig): string {
  return maskAddress(ip, bits) ?? "";
}

/** The name itself, else the longest `*.suffix`, which stands for any number of labels. */
function byServerName<Chain>(entries: Entries<Chain>, below: Below<Chain>): FindFilterChain<Chain> {
  const { byKey: found, rest } = group(entries, ({ serverNames }) => serverNames, below);
  if (found.size === 0) return rest;
  return (info) => {
    const name = info.requestedServerName ?? "";
    let find = found.get(name);
    let dot = name.indexOf(".", 1);
    while (find === undefined && dot > 0 && dot < name.length - 1) {
      find = found.get(`*${name.slice(dot)}`);
      dot = name.indexOf(".", dot + 1);
    }
    return (find ?? rest)(info);
  };
}

/** The first of the client's protocols that any chain names. */
function byApplicationProtocol<Chain>(
  entries: Entries<Chain>,
  below: Below<Chain>,
): FindFilterChain<Chain> {
  const { byKey: found, rest } = group(entries, (match) => match.applicationProtocols, below);
  if (found.size === 0) return rest;
  return (info) => {
    for (const protocol of info.applicationProtocols ?? []) {
      const find = found.get(protocol);
      if (find !== undefined) return find(info);
    }
    return rest(info);
  };
}

function bySourceType<Chain>(entries: Entries<Chain>, below: Below<Chain>): FindFilterChain<Chain> {
  const typeOf = ({ sourceType }: FilterChainMatchConfig): string[] =>
    sourceType === "any" ? [] : [sourceType];
  const { byKey: found, rest } = group(entries, typeOf, below);
  if (found.size === 0) return rest;
  const local = found.get("same_ip_or_loopback") ?? rest;
  const external = found.get("external") ?? rest;
  return (info) =>
    (isLocalConnection(clientAddress(info).ip, info.localAddress.ip) ? local : external)(info);
}
