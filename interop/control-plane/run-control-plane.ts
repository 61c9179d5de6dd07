import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { attempt, missingCheck, type CheckResult } from "../check.ts";
import { startProcess, type StartedProcess } from "../harness/child-process.ts";
import { controlPlaneBootstraps, findCounterpart } from "../harness/counterparts.ts";
import { freePorts } from "../harness/free-ports.ts";
import { inLanes } from "../harness/in-lanes.ts";
import { startProxy, type ProxyKind } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";

/** How a proxy gets its configuration; the driver has a bootstrap for each. */
const MODES = ["ads", "xds", "rest", "delta", "delta-ads"] as const;
/** TLS on all listeners, by secrets of SDS. */
const VARIANTS = [[], ["-tls"]] as const;
/** Endpoints out of a cache of their own. The driver's has no delta and no polls: no proxy gets beyond its clusters there. */
const WITH_MUX: readonly string[] = ["ads", "xds"];

const MESSAGE = "Hi, there!\n";
/** The driver has up to eight listeners on ports that follow each other. */
const LISTENERS = 8;
const DRIVER_WITHIN_MS = 120_000;
/** The driver sleeps most of the time. */
const AT_ONCE = 3;
/**
 * Of so many batches of requests, half a second apart, the driver wants one in which all succeed, and one that takes longer
 * than 100 ms has not: on a busy machine that happens to good proxies.
 */
const BATCHES = 5;
const TOO_LATE = /failed all requests in a run/;
/** What was too late gets another run, alone, of so many. */
const BATCHES_ALONE = 20;

/** One run of the driver. */
export interface DriverRun {
  readonly mode: (typeof MODES)[number];
  readonly flags: readonly string[];
  /** `delta-ads -tls` */
  readonly name: string;
}

interface Patience {
  /** Batches of requests for each version of the configuration. */
  readonly batches: number;
}

/** go-control-plane's own integration test, unchanged: all ways of xDS, three versions of a configuration each. */
export async function runControlPlane(
  kind: ProxyKind,
  wanted: (run: DriverRun) => boolean = () => true,
): Promise<CheckResult[]> {
  const driver = findCounterpart("control-plane-driver");
  const bootstraps = controlPlaneBootstraps();
  if (driver === null || bootstraps === null)
    return [missingCheck("go-control-plane", "control-plane-driver")];
  const runs = driverRuns().filter(wanted);
  // One after the other: those that look at the same time have no ports in a row.
  const ports: DriverPorts[] = [];
  for (const _ of runs) ports.push(await driverPorts());
  const tryRun = (run: DriverRun, index: number, batches: number): Promise<CheckResult> =>
    attempt(`go-control-plane ${run.name}`, () =>
      drive(kind, { driver, bootstraps }, { ...run, batches }, ports[index]!),
    );
  const results = await inLanes(runs, AT_ONCE, (run, index) => tryRun(run, index, BATCHES));
  for (const [index, { detail }] of results.entries())
    if (TOO_LATE.test(detail)) results[index] = await tryRun(runs[index]!, index, BATCHES_ALONE);
  return results;
}

function driverRuns(): DriverRun[] {
  return MODES.flatMap((mode) => {
    const variants = WITH_MUX.includes(mode) ? [...VARIANTS, ["-mux"]] : VARIANTS;
    return variants.map((flags) => ({ mode, flags, name: [mode, ...flags].join(" ") }));
  });
}

async function drive(
  kind: ProxyKind,
  { driver, bootstraps }: { driver: string; bootstraps: string },
  run: DriverRun & Patience,
  ports: DriverPorts,
): Promise<void> {
  const folder = makeTempFolder("control-plane");
  const upstream = await startUpstream();
  const driving = startProcess([driver, ...driverFlags(run, ports, upstream)]);
  try {
    const file = join(folder, "bootstrap.yaml");
    const text = readFileSync(join(bootstraps, `bootstrap-${run.mode}.yaml`), "utf8");
    writeFileSync(file, movePorts(text, ports));
    // As the driver's own script has it: listeners that were replaced have to be gone soon.
    const proxy = await startProxy(kind, file, ports.admin, ["--drain-time-s", "1"]);
    try {
      await passes(driving);
      refusedNothing(await proxy.admin("/stats?filter=update_rejected"));
    } finally {
      await proxy.stop();
    }
  } finally {
    await driving.stop();
    upstream.server.close().closeAllConnections();
    removeTempFolder(folder);
  }
}

async function passes(driving: StartedProcess): Promise<void> {
  const timer = setTimeout(() => driving.signal("SIGKILL"), DRIVER_WITHIN_MS);
  const code = await driving.exited;
  clearTimeout(timer);
  const output = driving.output();
  if (code !== 0 || !/Test for \S+ passed!/.test(output))
    throw new Error(`the driver ended with ${code}: ${output.slice(-2_000)}`);
}

/** The driver looks at requests only: a proxy that refuses part of a configuration could pass. */
function refusedNothing(stats: string): void {
  const lines = stats.trim().split("\n");
  const refused = lines.filter((line) => !line.endsWith(": 0"));
  if (lines.length < 2 || refused.length > 0)
    throw new Error(`expected no update to be refused, got ${stats}`);
}

/** Where the parts of a run meet; the driver's own bootstraps have fixed ones. */
interface DriverPorts {
  readonly xds: number;
  readonly rest: number;
  readonly accessLog: number;
  readonly admin: number;
  /** The first of the listeners. */
  readonly base: number;
}

async function driverPorts(): Promise<DriverPorts> {
  for (;;) {
    const [xds, rest, accessLog, admin] = (await freePorts(4)) as [number, number, number, number];
    const listeners = await freePorts(LISTENERS);
    const [base] = listeners as [number];
    if (listeners.at(-1) === base + LISTENERS - 1) return { xds, rest, accessLog, admin, base };
  }
}

/** Puts free ports in the place of those that a bootstrap of the driver has. */
function movePorts(bootstrap: string, { xds, rest, accessLog, admin }: DriverPorts): string {
  const moved = new Map([
    ["18000", xds],
    ["18001", rest],
    ["18090", accessLog],
    ["19000", admin],
  ]);
  return bootstrap.replace(/(port_value: )(\d+)/g, (_, field: string, port: string) => {
    const free = moved.get(port);
    if (free === undefined) throw new Error(`a bootstrap has the port ${port}, which is not known`);
    return `${field}${free}`;
  });
}

function driverFlags(run: DriverRun & Patience, ports: DriverPorts, upstream: Upstream): string[] {
  // The driver's own script has two layers of runtime in this mode, of which its bootstrap has none.
  const runtimes = run.mode === "ads" ? 2 : 1;
  return [
    `-xds=${run.mode}`,
    `-runtimes=${runtimes}`,
    `-message=${MESSAGE}`,
    `-r=${run.batches}`,
    `-port=${ports.xds}`,
    `-gateway=${ports.rest}`,
    `-als=${ports.accessLog}`,
    `-base=${ports.base}`,
    `-upstream=${upstream.port}`,
    ...run.flags,
  ];
}

interface Upstream {
  readonly server: Server;
  readonly port: number;
}

function startUpstream(): Promise<Upstream> {
  return new Promise((resolve) => {
    const server = createServer((_request, response) => response.end(MESSAGE));
    server.listen(0, "127.0.0.1", () => {
      resolve({ server, port: (server.address() as { port: number }).port });
    });
  });
}
