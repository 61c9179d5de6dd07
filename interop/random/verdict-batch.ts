import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildBootstrap, caseId, clusterNames, type CasePlaces } from "../diff/case-config.ts";
import type { DiffCase } from "../diff/case.ts";
import { isConfig, merge, type Config } from "../diff/config-value.ts";
import { runToEnd, startProcess } from "../harness/child-process.ts";
import { freePorts } from "../harness/free-ports.ts";
import { isReady, proxyCommand } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";

const WITHIN_MS = 30_000;
const POLL_MS = 20;
/** Nuncio warns of each deprecated field. */
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const REASON_CHARS_MAX = 400;
/** Nobody listens on them: each case just needs ones of its own, five digits long. */
const FIRST_PORT = 20_000;

/** Why each proxy refuses a case's configuration; null where it takes it. */
export interface Refusals {
  readonly envoy: string | null;
  readonly nuncio: string | null;
}

/**
 * Asks both proxies for their verdicts on many configurations, with a process or two for all of them: Envoy gets the
 * listeners from a file and judges each on its own, Nuncio names the line of everything that is wrong, and each
 * listener has one line.
 */
export async function refusalsOf(cases: readonly DiffCase[]): Promise<Refusals[]> {
  const folder = makeTempFolder("random-verdicts");
  try {
    const [envoy, nuncio] = await Promise.all([
      envoyRefusals(cases, folder),
      nuncioRefusals(cases, folder),
    ]);
    return cases.map((diffCase) => ({
      envoy: envoy.get(caseId(diffCase)) ?? null,
      nuncio: nuncio.get(caseId(diffCase)) ?? null,
    }));
  } finally {
    removeTempFolder(folder);
  }
}

/** What is no message makes Envoy refuse all listeners: they are halved until it is alone. */
async function envoyRefusals(
  cases: readonly DiffCase[],
  folder: string,
): Promise<Map<string, string>> {
  const log = await envoyLog(cases, folder);
  const refused = readRejections(log);
  const whole = /^.*Filesystem config update (?:failure|rejected).*$/m.exec(log)?.[0];
  if (whole === undefined || refused.size > 0) return refused;
  if (cases.length === 1) return new Map([[caseId(cases[0]!), whole.slice(0, REASON_CHARS_MAX)]]);
  const middle = cases.length >> 1;
  return new Map([
    ...(await envoyRefusals(cases.slice(0, middle), folder)),
    ...(await envoyRefusals(cases.slice(middle), folder)),
  ]);
}

/** What Envoy logs about these listeners. */
async function envoyLog(cases: readonly DiffCase[], folder: string): Promise<string> {
  const [adminPort] = (await freePorts(1)) as [number];
  const { bootstrap, listeners } = configOf(cases, adminPort);
  const [file, listenersFile, logFile] = ["envoy.json", "listeners.json", "envoy.log"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const resources = listeners.map((listener) => ({
    "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
    ...merge(listener, { bind_to_port: false }),
  }));
  writeFileSync(listenersFile, JSON.stringify({ resources }));
  const discovery = {
    node: { id: "random", cluster: "random" },
    dynamic_resources: { lds_config: { path_config_source: { path: listenersFile } } },
  };
  writeFileSync(file, JSON.stringify(merge(bootstrap, discovery)));
  rmSync(logFile, { force: true });
  const flags = ["-c", file, "--concurrency", "1", "--use-dynamic-base-id", "-l", "warning"];
  // As strict as with listeners that stand in the bootstrap.
  flags.push("--reject-unknown-dynamic-fields");
  const envoy = startProcess([...proxyCommand("envoy"), ...flags, "--log-path", logFile]);
  try {
    const deadline = performance.now() + WITHIN_MS;
    while (!(await isReady(adminPort))) {
      if (envoy.hasExited() || performance.now() > deadline)
        throw new Error(`envoy does not start\n${readLog(logFile)}${envoy.output()}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    await envoy.stop();
  }
  return readLog(logFile);
}

/** Envoy's words on each listener that it rejected, by name. */
function readRejections(log: string): Map<string, string> {
  const refused = new Map<string, string>();
  for (const entry of log.split(/^(?=\[\d{4}-\d\d-\d\d )/m)) {
    const [, name, reason] = /listener '([^']+)' config rejected: ([^]*)/.exec(entry) ?? [];
    if (name !== undefined) refused.set(name, shortened(reason ?? ""));
  }
  return refused;
}

/** The reason stands behind the whole message. */
function shortened(reason: string): string {
  const text = reason.trim();
  return text.length <= REASON_CHARS_MAX ? text : `… ${text.slice(-REASON_CHARS_MAX)}`;
}

function readLog(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Nuncio checks in stages and stops behind a stage that found something, so what is left is asked for again. */
async function nuncioRefusals(
  cases: readonly DiffCase[],
  folder: string,
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  const file = join(folder, "nuncio.json");
  for (;;) {
    const rest = cases.filter((diffCase) => !refused.has(caseId(diffCase)));
    const { bootstrap, listeners } = configOf(rest, FIRST_PORT - 1);
    const lines = listeners.map((listener) => JSON.stringify(listener)).join(",\n");
    const text = JSON.stringify(merge(bootstrap, { static_resources: { listeners: "@" } }));
    writeFileSync(
      file,
      text.replace('"@"', () => `[\n${lines}\n]`),
    );
    const command = [...proxyCommand("nuncio"), "--mode", "validate", "-l", "critical", "-c", file];
    const { code, output } = await runToEnd(command, WITHIN_MS, {
      outputBytesMax: OUTPUT_BYTES_MAX,
    });
    if (code === 0) return refused;
    const before = refused.size;
    for (const line of output.split("\n")) {
      const [, number, reason] = /^\S+\.json:(\d+):\d+ (.*)$/.exec(line) ?? [];
      const diffCase = rest[Number(number) - 2];
      if (diffCase === undefined) continue;
      const id = caseId(diffCase);
      refused.set(id, refused.has(id) ? `${refused.get(id)}\n${reason}` : reason!);
    }
    if (refused.size === before)
      throw new Error(
        `nuncio refuses all listeners: ${output.replaceAll(/^warning: .*\n/gm, "").slice(0, REASON_CHARS_MAX)}`,
      );
  }
}

/** One bootstrap for all, without its listeners, and these. */
function configOf(
  cases: readonly DiffCase[],
  adminPort: number,
): { bootstrap: Config; listeners: Config[] } {
  const places = cases.map((diffCase, index): CasePlaces => {
    const names = clusterNames(diffCase);
    return {
      port: FIRST_PORT + index,
      upstreamPorts: new Map(names.map((name) => [name, FIRST_PORT])),
      logFile: "/dev/null",
      runtime: "",
      certificates: "",
    };
  });
  const bootstrap = buildBootstrap(cases, places, adminPort);
  const resources = bootstrap["static_resources"];
  const listeners = isConfig(resources) ? (resources["listeners"] as Config[]) : [];
  return { bootstrap: merge(bootstrap, { static_resources: { listeners: null } }), listeners };
}
