import { caseId, type CasePlaces } from "./case-config.ts";
import type { DiffCase } from "./case.ts";
import type { Observation } from "./observation.ts";

/** Names and values, as the admin's text format has them; histograms with their quantiles. */
export type Stats = ReadonlyMap<string, string>;

/** Parses the admin's text format. */
export function parseStats(text: string): Stats {
  const stats = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) stats.set(line.slice(0, colon), line.slice(colon + 2));
  }
  return stats;
}

/** The stats of a process, by whose they are. */
export interface SortedStats {
  /** In the order of the cases, without their ids and ports: a listener's, its clusters', and whatever has the id as a prefix. */
  readonly ofCases: readonly Stats[];
  readonly ofProcess: Stats;
}

const OF_LISTENER = /^listener\.127\.0\.0\.1_(\d+)\./;
/** A cluster's name begins with the id of its case. */
const BEHIND_ID = /__(?!_)/;

/** Tells apart whose each stat is. */
export function sortStats(
  stats: Stats,
  cases: readonly DiffCase[],
  places: readonly CasePlaces[],
): SortedStats {
  const ofCases = cases.map(() => new Map<string, string>());
  const ofProcess = new Map<string, string>();
  const byPort = new Map(places.map(({ port }, index) => [String(port), index]));
  const byId = new Map(cases.map((diffCase, index) => [caseId(diffCase), index]));
  for (const [name, value] of stats) {
    const listener = OF_LISTENER.exec(name);
    const atPort = listener === null ? undefined : byPort.get(listener[1]!);
    const id = name
      .split(".")
      .map((part) => part.split(BEHIND_ID)[0]!)
      .find((part) => byId.has(part));
    if (atPort !== undefined) {
      const rest = name.slice(listener![0].length);
      ofCases[atPort]!.set(
        `listener.${id === undefined ? rest : rest.replace(id, "<case>")}`,
        value,
      );
    } else if (id === undefined) ofProcess.set(name, value);
    else ofCases[byId.get(id)!]!.set(name.replace(`${id}__`, "").replace(id, "<case>"), value);
  }
  return { ofCases, ofProcess };
}

/**
 * The stats of one case that moved. Histograms count as `recorded`. Bytes sent to clients are given relative to what the
 * clients got, because times are written with more or fewer digits.
 */
export function statFacets(seen: Observation): [string, string][] {
  const received = seen.clients.reduce((sum, client) => sum + client.bytesReceived, 0);
  const facets: [string, string][] = [];
  for (const [name, value] of seen.stats) {
    const shown = showStat(value);
    if (shown === null) continue;
    // What the last read left over: how the bytes were cut into reads decides it.
    if (name.endsWith("_bytes_buffered")) facets.push([name, "<number>"]);
    else if (isHttp2Upstream(seen) && name.endsWith(".upstream_cx_tx_bytes_total"))
      facets.push([name, "<number>"]);
    else if (!name.endsWith(".downstream_cx_tx_bytes_total")) facets.push([name, shown]);
    else facets.push([name, `what the clients got ${signed(Number(value) - received)}`]);
  }
  return facets;
}

/** How a proxy packs header fields is its own affair, and so how many bytes it sends to such an upstream. */
export function isHttp2Upstream({ upstreams }: Observation): boolean {
  return [...upstreams.values()].some(({ connections }) =>
    connections.some(({ http2 }) => http2 !== null),
  );
}

/** Groups of process-wide stats whose values are compared. */
const PROCESS_WIDE = /^(?:http1|http2|listener_manager|cluster_manager)\./;

/** What the process as a whole counted in one batch. */
export function processFacets({ ofProcess }: SortedStats): Map<string, string> {
  return new Map(
    [...ofProcess]
      .filter(([name]) => PROCESS_WIDE.test(name))
      .map(([name, value]) => [`stat ${name}`, value]),
  );
}

/** The names of stats that exist and did not move, those of cases made alike: those that moved a case compares itself. */
export function unmovedStatNames({ ofCases, ofProcess }: SortedStats): Set<string> {
  const names = new Set(ofProcess.keys());
  for (const stats of ofCases) {
    for (const [name, value] of stats)
      // What a buffer holds at the end is left to chance, so these may have moved at one side only.
      if (showStat(value) === null || name.endsWith("_bytes_buffered")) names.add(name);
  }
  return names;
}

/** Null for a stat that did not move. */
function showStat(value: string): string | null {
  if (value === "0" || value === "No recorded values") return null;
  return value.startsWith("P0(") ? "recorded" : value;
}

function signed(value: number): string {
  return value < 0 ? `- ${-value}` : `+ ${value}`;
}
