import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeCertificate } from "../interop/harness/certificate.ts";
import { findCounterpart } from "../interop/harness/counterparts.ts";
import { freePorts } from "../interop/harness/free-ports.ts";
import { REPOSITORY } from "../interop/harness/repository.ts";
import { makeTempFolder, removeTempFolder } from "../interop/harness/temp-folder.ts";
import { startBackend } from "./backend.ts";
import { CONTENDERS, isPresent, type Contender } from "./contenders.ts";
import { measureDynamic, type DynamicSample } from "./measure-dynamic.ts";
import { GATEWAY_SETS, measureGateway } from "./measure-gateway.ts";
import { measureLatency } from "./measure-latency.ts";
import { measureMemory } from "./measure-memory.ts";
import { measureRate } from "./measure-rate.ts";
import { measureRoutingApart } from "./measure-routing.ts";
import { measureTlsMemory, type TlsMemorySample } from "./measure-tls-memory.ts";
import { startPeerBackends } from "./peer-backends.ts";
import type { Places } from "./places.ts";
import { renderPage, renderResults } from "./report.ts";
import { middle, type RateResult, type Results, type Samples } from "./results.ts";
import { OTHER_ROWS, RATE_ROWS } from "./rows.ts";

/** Less than this is for a look, and not for docs/performance.md. */
const PAGE_ROUNDS_MIN = 3;
const PAGE_SECONDS_MIN = 3;
const ROWS = [...RATE_ROWS.map(({ name }) => name), ...OTHER_ROWS];
const USAGE = `usage: npm run bench -- [--quick] [--only ROW] [--rounds N] [--seconds N] [--proxies A,B]
  --quick     two rounds of one second
  --only ROW  one of ${ROWS.join(", ")}; may be repeated
  --rounds N  how often each proxy takes its turn; default 5
  --seconds N how long a turn is; default 5
  --proxies   of ${CONTENDERS.join(", ")}; default all that are there
Writes docs/performance.md when nothing is left out, nothing failed, and there were ${PAGE_ROUNDS_MIN} rounds of
${PAGE_SECONDS_MIN} s or more.`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    rounds: { type: "string" },
    seconds: { type: "string" },
    proxies: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const seconds = Number(values.seconds ?? (values.quick ? 1 : 5));
let failures = 0;
process.exitCode = await main();

async function main(): Promise<number> {
  const unknown = values.only?.find((row) => !ROWS.includes(row));
  const problem = unknown === undefined ? whatIsMissing() : `no row is called ${unknown}`;
  if (values.help || problem !== null) {
    console.error(problem === null ? USAGE : `${problem}\n${USAGE}`);
    return problem === null ? 0 : 2;
  }
  const contenders = chosenContenders();
  const folder = makeTempFolder("bench");
  const places = await choosePlaces(folder);
  const backends = [await startBackend(places)];
  try {
    backends.push(...(await startPeerBackends(places)));
    const results = await measureAll(contenders, places);
    console.log(`\n${renderResults(results)}`);
    if (failures === 0 && isWhole(contenders)) {
      writeFileSync(
        join(REPOSITORY, "docs", "performance.md"),
        renderPage(results, rounds, seconds),
      );
      console.log("docs/performance.md is written");
    }
    return failures === 0 ? 0 : 1;
  } finally {
    await Promise.all(backends.map((backend) => backend.stop()));
    removeTempFolder(folder);
  }
}

async function choosePlaces(folder: string): Promise<Places> {
  const ports = await freePorts(8);
  const [proxyPort = 0, adminPort = 0, backendPort = 0, otherBackendPort = 0] = ports;
  const [grpcPort = 0, webSocketPort = 0, xdsPort = 0, controlPort = 0] = ports.slice(4);
  const certificates = { ecdsa: makeCertificate(folder), rsa: makeCertificate(folder, "rsa") };
  const backends = { backendPort, otherBackendPort, grpcPort, webSocketPort };
  return { folder, proxyPort, adminPort, xdsPort, controlPort, ...backends, certificates };
}

/** Nothing is installed here: what is missing is said. */
function whatIsMissing(): string | null {
  if (!Number.isInteger(rounds) || rounds < 1)
    return `expected a number of rounds, seen ${values.rounds}`;
  if (!(seconds >= 1)) return `expected one second or more, seen ${values.seconds}`;
  const missing = (["wrk", "nginx", "h2load", "openssl", "bench-peer"] as const).filter(
    (name) => findCounterpart(name) === null,
  );
  return missing.length === 0
    ? null
    : `${missing.join(" and ")} not found; interop/install.sh installs it`;
}

function chosenContenders(): Contender[] {
  const wanted = values.proxies?.split(",");
  const present = CONTENDERS.filter((contender) => wanted?.includes(contender) ?? true).filter(
    isPresent,
  );
  for (const contender of CONTENDERS)
    if (!isPresent(contender)) console.log(`${contender} is not here`);
  return present;
}

/** Only a whole run, long enough, becomes documentation. */
function isWhole(contenders: readonly Contender[]): boolean {
  return (
    values.only === undefined &&
    rounds >= PAGE_ROUNDS_MIN &&
    seconds >= PAGE_SECONDS_MIN &&
    contenders.includes("nuncio") &&
    contenders.includes("envoy")
  );
}

function wants(row: string): boolean {
  return values.only === undefined || values.only.includes(row);
}

async function measureAll(contenders: readonly Contender[], places: Places): Promise<Results> {
  const rates: RateResult[] = [];
  for (const row of RATE_ROWS.filter(({ name }) => wants(name))) {
    const samples = await inRounds(row.title, contenders, (contender) =>
      measureRate(contender, row, places, seconds),
    );
    rates.push({
      name: row.name,
      title: row.title,
      ownBase: row.ownBase ?? null,
      bar: row.bar ?? null,
      samples,
    });
  }
  return {
    rates,
    latency: wants("latency") ? await latency(contenders, places, rates) : null,
    memory: wants("memory") ? await memory(contenders, places) : null,
    tlsMemory: wants("tls-memory") ? await tlsMemory(contenders, places) : null,
    dynamic: wants("dynamic") ? await dynamic(contenders, places) : null,
    gateway: wants("gateway") ? await gateway(contenders, places) : null,
    routing: wants("routing") ? await routing(contenders) : null,
  };
}

/** The rate is half of what Envoy reached with small requests, in this very run. */
async function latency(
  contenders: readonly Contender[],
  places: Places,
  rates: readonly RateResult[],
): Promise<Results["latency"]> {
  if (!isPresent("envoy")) return null;
  let small = rates.find(({ name }) => name === "small")?.samples.get("envoy");
  if (small === undefined || small.length === 0) {
    const sample = await measureRate("envoy", RATE_ROWS[0]!, places, seconds);
    small = sample === null ? [] : [sample];
  }
  const rate = Math.round(middle(small, ({ perSecond }) => perSecond) / 2);
  const samples = await inRounds(`latency at ${rate}/s`, contenders, (contender) =>
    measureLatency(contender, rate, places, seconds),
  );
  return { rate, samples };
}

/** A process of its own for each round: what is measured is the heap, among other things. */
async function routing(contenders: readonly Contender[]): Promise<Results["routing"]> {
  if (!contenders.includes("nuncio")) return null;
  const samples = await inRounds("routing", ["nuncio"], measureRoutingApart);
  return samples.get("nuncio") ?? null;
}

async function memory(
  contenders: readonly Contender[],
  places: Places,
): Promise<Results["memory"]> {
  return inRounds("memory", comparable(contenders), (contender) =>
    measureMemory(contender, places),
  );
}

async function tlsMemory(
  contenders: readonly Contender[],
  places: Places,
): Promise<Samples<TlsMemorySample>> {
  return inRounds("TLS memory", comparable(contenders), (contender) =>
    measureTlsMemory(contender, places),
  );
}

async function dynamic(
  contenders: readonly Contender[],
  places: Places,
): Promise<Samples<DynamicSample>> {
  return inRounds("control plane", comparable(contenders), (contender) =>
    measureDynamic(contender, places, seconds),
  );
}

async function gateway(
  contenders: readonly Contender[],
  places: Places,
): Promise<Results["gateway"]> {
  if (!contenders.includes("nuncio")) return null;
  const sets = [];
  for (const set of GATEWAY_SETS) {
    const title = `gateway, ${set.routes} routes, ${set.hosts === "one" ? "one host name" : "a host name each"}`;
    const samples = await inRounds(title, ["nuncio"], () => measureGateway(set, places));
    sets.push(samples.get("nuncio") ?? []);
  }
  return sets;
}

/** The others have no notion of a cluster, hold fewer connections, and observe less. */
function comparable(contenders: readonly Contender[]): Contender[] {
  return contenders.filter((contender) => contender === "nuncio" || contender === "envoy");
}

/** Interleaved: in each round every contender has its turn. One that has no equivalent of the row drops out. */
async function inRounds<T>(
  title: string,
  contenders: readonly Contender[],
  measure: (contender: Contender) => Promise<T | null>,
): Promise<Samples<T>> {
  const samples = new Map<Contender, T[]>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const contender of contenders) {
      const sample = await attempt(`${title}, round ${round}, ${contender}`, () =>
        measure(contender),
      );
      if (sample === null) continue;
      samples.set(contender, [...(samples.get(contender) ?? []), sample]);
      console.log(`${title}, round ${round}, ${contender}: ${JSON.stringify(sample)}`);
    }
  }
  return samples;
}

/** A failure is said and ends the run with code 1, but the other rows are still measured. */
async function attempt<T>(what: string, measure: () => Promise<T | null>): Promise<T | null> {
  try {
    return await measure();
  } catch (error) {
    failures += 1;
    console.log(`${what}: failed: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}
