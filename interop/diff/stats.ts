import { caseId } from "./case-config.ts";
import type { DiffCase } from "./case.ts";
import type { Observation } from "./observation.ts";

/** Parses the admin's text format: `name: value`, histograms with their quantiles. */
export function parseStats(text: string): Map<string, string> {
  const stats = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) stats.set(line.slice(0, colon), line.slice(colon + 2));
  }
  return stats;
}

/**
 * The stats of one case that moved: its listener's, its clusters', and whatever has its name as a prefix.
 * Histograms count as `recorded`. Bytes sent to clients are given relative to what the clients got, because
 * times are written with more or fewer digits.
 */
export function statFacets(diffCase: DiffCase, seen: Observation): [string, string][] {
  const received = seen.clients.reduce((sum, client) => sum + client.bytesReceived, 0);
  const facets: [string, string][] = [];
  for (const [name, value] of ownStats(seen.stats, caseId(diffCase), seen.places.port)) {
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

/** The stats that belong to one case, its name and port made readable. */
function* ownStats(
  stats: ReadonlyMap<string, string>,
  id: string,
  port: number,
): Generator<readonly [name: string, value: string, fullName: string]> {
  const own = new RegExp(`(?:^|\\.)${id}(?:\\.|__)`);
  const listener = `listener.127.0.0.1_${port}.`;
  for (const [name, value] of stats) {
    if (name.startsWith(listener)) {
      yield [`listener.${name.slice(listener.length)}`.replace(`.${id}.`, ".<case>."), value, name];
    } else if (name.includes(id) && own.test(name)) {
      yield [name.replace(`${id}__`, "").replace(id, "<case>"), value, name];
    }
  }
}

/** Groups of process-wide stats whose values are compared. */
const PROCESS_WIDE = /^(?:http1|http2|listener_manager|cluster_manager)\./;

/** What the process as a whole counted in one batch. */
export function processFacets(stats: ReadonlyMap<string, string>): Map<string, string> {
  return new Map(
    [...stats]
      .filter(([name]) => PROCESS_WIDE.test(name))
      .map(([name, value]) => [`stat ${name}`, value]),
  );
}

/** The names of stats that exist and did not move, those of cases made alike: those that moved a case compares itself. */
export function unmovedStatNames(
  cases: readonly DiffCase[],
  seen: readonly Observation[],
): Set<string> {
  const names = new Set<string>();
  const ofCases = new Set<string>();
  const stats = seen[0]?.stats ?? new Map<string, string>();
  for (const [index, diffCase] of cases.entries()) {
    const { port } = seen[index]!.places;
    for (const [name, value, fullName] of ownStats(stats, caseId(diffCase), port)) {
      ofCases.add(fullName);
      // What a buffer holds at the end is left to chance, so these may have moved at one side only.
      if (showStat(value) === null || name.endsWith("_bytes_buffered")) names.add(name);
    }
  }
  for (const name of stats.keys()) if (!ofCases.has(name)) names.add(name);
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
