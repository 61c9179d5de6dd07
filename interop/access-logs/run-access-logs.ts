import { isDeepStrictEqual } from "node:util";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { LogService } from "@nuncio/proxy/testing/log-service";
import { attempt, checkResult, type CheckResult } from "../check.ts";
import { makeCertificate, type Certificate } from "../harness/certificate.ts";
import { freePorts } from "../harness/free-ports.ts";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { until } from "../harness/until.ts";
import { withProxy } from "../harness/with-proxy.ts";
import { sceneResources, type ScenePorts } from "./configuration.ts";
import { play, startUpstreams } from "./scene.ts";

/** A log of the scene, and what of its entries is no business of a comparison. */
interface SceneLog {
  readonly name: string;
  /** How many entries the scene makes. */
  readonly count: number;
  readonly leftOut?: readonly string[];
}

const LOGS: readonly SceneLog[] = [
  { name: "plain", count: 23 },
  // The line is written when the response is there, and Envoy's when it was passed on, too.
  {
    name: "plain-upstream",
    count: 6,
    leftOut: ["downstreamWireBytesSent", "downstreamHeaderBytesSent"],
  },
  { name: "secure", count: 4 },
  { name: "tcp", count: 3 },
  { name: "tcp-tls", count: 1 },
  // Metadata is JSON here; Envoy's filter notes the bytes beside it.
  { name: "proxied", count: 1, leftOut: ["typedFilterMetadata"] },
  // The stream of a connection of HTTP knows neither its protocol nor what was wrong with it.
  { name: "listener", count: 12, leftOut: ["code", "responseFlags", "sentBytes"] },
];
const PORTS: readonly (keyof ScenePorts)[] = [
  "http",
  "https",
  "tcp",
  "tcpTls",
  "proxied",
  "service",
  "upstream",
  "upstreamHttp2",
  "dead",
];
/** Tables of header compression differ; so the bytes of heads do. */
const BYTES_OF_HEADS = /(Wire|Header)Bytes|^sentBytes$/;

/** The same requests through two proxies: what a log service gets of both is the same, but for times, ids and ports of clients. */
export async function runAccessLogs(left: ProxyKind, right: ProxyKind): Promise<CheckResult[]> {
  const folder = makeTempFolder("access-logs");
  try {
    const certificate = makeCertificate(folder);
    const ports = await scenePorts();
    const recordings: LogService[] = [];
    const recorded = await attempt("access logs by gRPC are recorded", async () => {
      for (const kind of [left, right]) recordings.push(await record(kind, ports, certificate));
    });
    if (recorded.outcome !== "passed") return [recorded];
    return [recorded, ...LOGS.map((log) => compare(log, recordings))];
  } finally {
    removeTempFolder(folder);
  }
}

async function scenePorts(): Promise<ScenePorts> {
  const ports = await freePorts(PORTS.length);
  return Object.fromEntries(PORTS.map((name, i) => [name, ports[i]])) as unknown as ScenePorts;
}

async function record(
  kind: ProxyKind,
  ports: ScenePorts,
  certificate: Certificate,
): Promise<LogService> {
  const service = new LogService();
  await service.listen(ports.service);
  const endUpstreams = await startUpstreams(ports);
  try {
    await withProxy(kind, sceneResources(ports, certificate), async () => {
      await play(ports, certificate);
      await complete(kind, service);
    });
  } finally {
    endUpstreams();
    service.close();
  }
  if (service.streams.length !== LOGS.length)
    throw new Error(`${kind} opened ${service.streams.length} streams for ${LOGS.length} logs`);
  return service;
}

/** All entries have come. */
async function complete(kind: ProxyKind, service: LogService): Promise<void> {
  const countOf = ({ name }: SceneLog): number => service.entries(name).length;
  const lacking = (): SceneLog[] => LOGS.filter((log) => countOf(log) < log.count);
  await until("all entries come", () => lacking().length === 0).catch((error: Error) => {
    const told = lacking().map((log) => `${countOf(log)} of ${log.count} of ${log.name}`);
    throw new Error(`${kind}: ${error.message}, got ${told.join(", ")}`);
  });
}

function compare(
  { name, count, leftOut = [] }: SceneLog,
  recordings: readonly LogService[],
): CheckResult {
  const [left = [], right = []] = recordings.map((service) =>
    service.entries(name).map((entry) => normalized(entry, leftOut)),
  );
  const title = `access log by gRPC: ${name}`;
  if (left.length !== count || right.length !== count)
    return checkResult(title, `expected ${count} entries, got ${left.length} and ${right.length}`);
  const at = left.findIndex((entry, i) => !isDeepStrictEqual(entry, right[i]));
  if (at < 0) return checkResult(title, null);
  const shown = [left[at], right[at]].map((entry) => JSON.stringify(entry, null, 1)).join("\n");
  return checkResult(title, `entry ${at} differs:\n${shown}`);
}

function normalized(entry: JsonObject, leftOut: readonly string[]): JsonObject {
  const isHttp2 = entry["protocolVersion"] === "HTTP2";
  const visit = (value: JsonValue, key: string): JsonValue => {
    if (Array.isArray(value)) return value.map((item) => visit(item, key));
    if (typeof value !== "object" || value === null) return withoutChance(value, key);
    const kept = Object.entries(value).filter(
      ([name]) => !leftOut.includes(name) && !(isHttp2 && BYTES_OF_HEADS.test(name)),
    );
    return Object.fromEntries(kept.map(([name, item]) => [name, visit(item, name)]));
  };
  return visit(entry, "") as JsonObject;
}

/** Behind it clients have their ports, and the scene has none. */
const EPHEMERAL = 32_767;

/** Times, ids and the ports of clients: that they are there is compared, and nothing else of them. */
function withoutChance(value: JsonValue, key: string): JsonValue {
  if (/^timeTo|^duration$|^startTime$|^streamId$|^requestId$/.test(key)) return key;
  return key === "portValue" && typeof value === "number" && value > EPHEMERAL ? "client" : value;
}
