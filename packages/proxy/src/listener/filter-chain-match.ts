import { cidrContains, type CidrConfig } from "../base/cidr.ts";
import { isLocalConnection } from "../base/local-connection.ts";
import { clientAddress, type DownstreamInfo } from "../observe/stream-info.ts";
import type { FilterChainMatchConfig } from "./model.ts";

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

/**
 * The steps of Envoy's filter chain match in their order, for who wants to know why: at each the most specific value that any
 * chain names wins, and there is no way back (listener_components.proto, `FilterChainMatch`). `indexFilterChains` finds the same.
 */
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
    field: "server_names",
    rank: ({ serverNames }, { requestedServerName }) =>
      serverNameRank(serverNames, requestedServerName ?? ""),
    wanted: ({ serverNames }) => serverNames.join(", "),
    seen: ({ requestedServerName }) => requestedServerName || "no server name",
  },
  {
    field: "transport_protocol",
    rank: ({ transportProtocol: wanted }, { transportProtocol }) =>
      wanted === "" ? 0 : wanted === (transportProtocol || "raw_buffer") ? 1 : -1,
    wanted: ({ transportProtocol }) => transportProtocol,
    seen: ({ transportProtocol }) => transportProtocol || "raw_buffer",
  },
  {
    field: "application_protocols",
    rank: (match, { applicationProtocols }) =>
      protocolRank(match.applicationProtocols, applicationProtocols ?? []),
    wanted: ({ applicationProtocols }) => applicationProtocols.join(", "),
    seen: ({ applicationProtocols }) => applicationProtocols?.join(", ") || "none",
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
    rank: (match, info) =>
      sourceType(match.sourceType, clientAddress(info).ip, info.localAddress.ip),
    wanted: (match) => match.sourceType.toUpperCase(),
    seen: (info) => clientAddress(info).ip,
  },
  {
    field: "source_prefix_ranges",
    rank: ({ sourcePrefixRanges }, info) =>
      longestPrefix(sourcePrefixRanges, clientAddress(info).ip),
    wanted: ({ sourcePrefixRanges }) => rangesText(sourcePrefixRanges),
    seen: (info) => clientAddress(info).ip,
  },
  {
    field: "source_ports",
    rank: ({ sourcePorts }, info) =>
      sourcePorts.length === 0 ? 0 : sourcePorts.includes(clientAddress(info).port) ? 1 : -1,
    wanted: ({ sourcePorts }) => sourcePorts.join(", "),
    seen: (info) => String(clientAddress(info).port),
  },
];

/** Of a chain without criteria. */
export const MATCH_ALL: FilterChainMatchConfig = {
  destinationPort: 0,
  prefixRanges: [],
  serverNames: [],
  transportProtocol: "",
  applicationProtocols: [],
  directSourcePrefixRanges: [],
  sourceType: "any",
  sourcePrefixRanges: [],
  sourcePorts: [],
};

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

/** The name itself ranks before all patterns, and longer patterns before shorter ones. */
function serverNameRank(wanted: readonly string[], name: string): number {
  if (wanted.length === 0) return 0;
  let best = -1;
  for (const pattern of wanted) {
    if (pattern === "") best = Math.max(best, 0);
    else if (pattern === name) best = Infinity;
    else if (pattern.startsWith("*.") && matchesSuffix(name, pattern.slice(1)))
      best = Math.max(best, pattern.length);
  }
  return best;
}

/** At least one character stands before a suffix, and one behind its dot. */
function matchesSuffix(name: string, suffix: string): boolean {
  return suffix.length > 1 && name.length > suffix.length && name.endsWith(suffix);
}

/** The client's first protocol ranks highest. */
function protocolRank(wanted: readonly string[], offered: readonly string[]): number {
  if (wanted.length === 0) return 0;
  const first = offered.findIndex((protocol) => wanted.includes(protocol));
  if (first >= 0) return offered.length - first;
  return wanted.includes("") ? 0 : -1;
}
