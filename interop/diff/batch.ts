import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { freePorts } from "../harness/free-ports.ts";
import { inLanes } from "../harness/in-lanes.ts";
import { startProxy, type ProxyKind, type RunningProxy } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import {
  buildBootstrap,
  caseId,
  clusterNames,
  fillPlaces,
  type CasePlaces,
} from "./case-config.ts";
import type { DiffCase } from "./case.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { Observation } from "./observation.ts";
import { runSteps, runUdpSteps, settle } from "./run-steps.ts";
import { writeRuntime } from "./runtime-files.ts";
import { parseStats, sortStats, type SortedStats } from "./stats.ts";
import { certificateFolder } from "./tls/certificates.ts";
import type { UdpClient } from "./udp-client.ts";
import { Upstream } from "./upstream.ts";

/** Cases whose steps are done at the same time. They share nothing but the process; more would blur the times. */
const CASES_AT_ONCE = 8;
const LOG_FLUSH_MS = 100;
/** What a bootstrap of a case's own sets going (monitors of resources) has come to rest by then. */
const SETTLED_MS = 400;
/** After the last connection is gone: stream ends are counted, the log and the histograms are flushed. */
const AFTERMATH_MS = 600;
/** Longer than base.yaml's delayed_close_timeout: whoever waits for that long was not disturbed by the client. */
const DELAYED_CLOSE_MS = 400;

/**
 * Runs cases against one proxy process, from its start to its end, and gives `look` what was seen of each, in
 * order. `look` is called before the proxy ends, because its end closes what is open now. Cases that share nothing but
 * the process and do not depend on time may all run at once.
 * Throws when the process does not start, or dies.
 */
export async function runBatch<T>(
  kind: ProxyKind,
  cases: readonly DiffCase[],
  look: (seen: readonly Observation[], stats: SortedStats) => T,
  casesAtOnce: number = CASES_AT_ONCE,
): Promise<T> {
  const folder = makeTempFolder("diff");
  const upstreams: Map<string, Upstream>[] = [];
  let proxy: RunningProxy | undefined;
  try {
    const places = await placeCases(cases, folder);
    const [adminPort] = (await freePorts(1)) as [number];
    const configFile = join(folder, "envoy.yaml");
    writeFileSync(configFile, configText(cases, places, adminPort));
    for (const [index, diffCase] of cases.entries())
      upstreams.push(await startUpstreams(diffCase, places[index]!));
    proxy = await startProxy(kind, configFile, adminPort, [
      "--file-flush-interval-msec",
      String(LOG_FLUSH_MS),
    ]);
    if (cases.some(({ bootstrap }) => bootstrap !== undefined))
      await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    const clients = await runAll(cases, places, adminPort, upstreams, casesAtOnce);
    await new Promise((resolve) => setTimeout(resolve, DELAYED_CLOSE_MS));
    for (const client of clients.flatMap(({ connections }) => connections)) client.discard();
    for (const client of clients.flatMap(({ peers }) => peers)) client.close();
    await new Promise((resolve) => setTimeout(resolve, AFTERMATH_MS));
    if (proxy.process.hasExited())
      throw new Error(`${kind} died\n${proxy.process.output().trim()}`);
    const stats = sortStats(parseStats(await proxy.admin("/stats")), cases, places);
    const output = proxy.process.output();
    const seen = cases.map((diffCase, index) => ({
      places: places[index]!,
      clients: clients[index]!.connections,
      peers: clients[index]!.peers,
      upstreams: upstreams[index]!,
      logText: readLog(places[index]!.logFile) + linesAbout(diffCase, output),
      stats: stats.ofCases[index]!,
    }));
    return look(seen, stats);
  } finally {
    await proxy?.stop();
    await Promise.all(
      upstreams.flatMap((all) => [...all.values()].map((upstream) => upstream.close())),
    );
    removeTempFolder(folder);
  }
}

/** The configuration of a batch as YAML; texts are quoted, so that no YAML version reads them otherwise. */
export function configText(
  cases: readonly DiffCase[],
  places: readonly CasePlaces[],
  adminPort: number,
): string {
  return stringify(buildBootstrap(cases, places, adminPort), {
    defaultStringType: "QUOTE_DOUBLE",
    defaultKeyType: "PLAIN",
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}

/** Chooses ports and a log file for each case. */
export async function placeCases(
  cases: readonly DiffCase[],
  folder: string,
): Promise<CasePlaces[]> {
  const places: CasePlaces[] = [];
  const certificates = await certificateFolder();
  for (const diffCase of cases) {
    const names = clusterNames(diffCase);
    const [port, ...upstreamPorts] = (await freePorts(1 + names.length)) as [number, ...number[]];
    places.push({
      port,
      upstreamPorts: new Map(names.map((name, index) => [name, upstreamPorts[index]!])),
      logFile: join(folder, `${caseId(diffCase)}.log`),
      runtime: join(folder, caseId(diffCase), "runtime"),
      certificates,
    });
    if (diffCase.runtime_folder !== undefined)
      writeRuntime(places.at(-1)!.runtime, diffCase.runtime_folder);
  }
  return places;
}

async function startUpstreams(
  diffCase: DiffCase,
  places: CasePlaces,
): Promise<Map<string, Upstream>> {
  const upstreams = new Map<string, Upstream>();
  for (const [name, port] of places.upstreamPorts) {
    const script = name === "up" ? diffCase.upstream : diffCase.upstreams?.[name];
    const tls = diffCase.upstream_tls?.[name];
    const upstream = new Upstream(
      fillPlaces(script, diffCase, places),
      diffCase.upstream_http2,
      tls === undefined ? null : { ...tls, folder: places.certificates },
    );
    await upstream.listen(port);
    upstreams.set(name, upstream);
  }
  return upstreams;
}

/** Those of one case; one of the lists is empty. */
interface Clients {
  readonly connections: readonly ClientConnection[];
  readonly peers: readonly UdpClient[];
}

async function runAll(
  cases: readonly DiffCase[],
  places: readonly CasePlaces[],
  adminPort: number,
  upstreams: readonly ReadonlyMap<string, Upstream>[],
  casesAtOnce: number,
): Promise<Clients[]> {
  const settled: Promise<void>[] = [];
  const clients = await inLanes(cases, casesAtOnce, async (diffCase, index) => {
    if (diffCase.udp !== undefined)
      return { connections: [], peers: await runUdpSteps(diffCase, places[index]!) };
    const own = [...upstreams[index]!.values()];
    const connections = await runSteps(diffCase, places[index]!, adminPort, own);
    // Nothing is left to do but to wait: the next case need not.
    settled.push(settle(diffCase, connections));
    return { connections, peers: [] };
  });
  await Promise.all(settled);
  return clients;
}

function readLog(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

/** What loggers wrote to the process's own streams: their lines begin with the case's id. */
function linesAbout(diffCase: DiffCase, output: string): string {
  const start = `${caseId(diffCase)} `;
  return output
    .split("\n")
    .filter((line) => line.startsWith(start))
    .map((line) => `${line}\n`)
    .join("");
}
