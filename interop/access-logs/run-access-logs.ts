import { isDeepStrictEqual } from "node:util";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { LogService } from "@nuncio/proxy/testing/log-service";
import { attempt, checkResult, type CheckResult } from "../check.ts";
import { makeCertificate, type Certificate } from "../harness/certificate.ts";
import { freePorts } from "../harness/free-ports.ts";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { withProxy } from "../harness/with-proxy.ts";
import { sceneResources, type ScenePorts } from "./configuration.ts";
import { play, startUpstreams } from "./scene.ts";

/** Log names of the scene, and what of their entries is no business of a comparison. */
const LOGS: readonly (readonly [name: string, left: readonly string[]])[] = [
  ["plain", []],
  // The line is written when the response is there, and Envoy's when it was passed on, too.
  ["plain-upstream", ["downstreamWireBytesSent", "downstreamHeaderBytesSent"]],
  ["secure", []],
  ["tcp", []],
  ["tcp-tls", []],
  // Metadata is JSON here; Envoy's filter notes the bytes beside it.
  ["proxied", ["typedFilterMetadata"]],
  // The stream of a connection of HTTP knows neither its protocol nor what was wrong with it.
  ["listener", ["code", "responseFlags", "sentBytes"]],
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
const SETTLED_MS = 500;
const WITHIN_MS = 10_000;

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
    return [recorded, ...LOGS.map(([name, leftOut]) => compare(name, leftOut, recordings))];
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
      await settled(service);
    });
  } finally {
    endUpstreams();
    service.close();
  }
  if (service.streams.length !== LOGS.length)
    throw new Error(`${kind} opened ${service.streams.length} streams for ${LOGS.length} logs`);
  return service;
}

/** No entry came for a while. */
async function settled(service: LogService): Promise<void> {
  const count = (): number => LOGS.reduce((sum, [name]) => sum + service.entries(name).length, 0);
  const endMs = performance.now() + WITHIN_MS;
  for (let before = -1; before !== count() && performance.now() < endMs;) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  }
}

function compare(
  name: string,
  leftOut: readonly string[],
  recordings: readonly LogService[],
): CheckResult {
  const [left = [], right = []] = recordings.map((service) =>
    service.entries(name).map((entry) => normalized(entry, leftOut)),
  );
  const title = `access log by gRPC: ${name}`;
  if (left.length === 0) return checkResult(title, "there are no entries");
  if (left.length !== right.length)
    return checkResult(title, `${left.length} entries, then ${right.length}`);
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
