import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { isPipe } from "../../transport/address.ts";
import { pipePath } from "../../transport/connect.ts";
import type { CheckedHost, CheckResult, HttpCheckConfig, StatusRange } from "./model.ts";

type End = (result: CheckResult) => void;

/** Asks, and judges by the status of the answer when that is whole. */
export function probeHttp(
  host: CheckedHost,
  config: HttpCheckConfig,
  signal: AbortSignal,
  end: End,
): void {
  if (config.http2) probeHttp2(host, config, signal, end);
  else probeHttp1(host, config, signal, end);
}

const USER_AGENT = "Envoy/HC";

function probeHttp1(
  { address, hostname }: CheckedHost,
  config: HttpCheckConfig,
  signal: AbortSignal,
  end: End,
): void {
  const request = http.request({
    method: config.method,
    path: config.path,
    headers: { host: hostname, "user-agent": USER_AGENT },
    signal,
    createConnection: () => connect(address),
  });
  request.on("response", (response) => {
    response.resume();
    response.on("end", () => end(judge(config, response.statusCode ?? 0)));
    response.on("error", () => end({ kind: "network" }));
  });
  request.on("error", () => end({ kind: "network" }));
  request.end();
}

function probeHttp2(
  { address, hostname }: CheckedHost,
  config: HttpCheckConfig,
  signal: AbortSignal,
  end: End,
): void {
  const session = http2.connect("http://host", { createConnection: () => connect(address) });
  signal.addEventListener("abort", () => session.destroy(), { once: true });
  session.on("error", () => end({ kind: "network" }));
  const stream = session.request({
    ":method": config.method,
    ":path": config.path,
    ":authority": hostname,
    "user-agent": USER_AGENT,
  });
  let status = 0;
  stream.on("response", (headers) => (status = headers[":status"] ?? 0));
  stream.on("end", () => end(status === 0 ? { kind: "network" } : judge(config, status)));
  stream.on("error", () => end({ kind: "network" }));
  stream.resume();
}

function connect(address: CheckedHost["address"]): net.Socket {
  return isPipe(address)
    ? net.connect(pipePath(address.text))
    : net.connect(address.port, address.ip);
}

function judge({ expected, retriable }: HttpCheckConfig, status: number): CheckResult {
  if (isIn(expected, status)) return { kind: "success", status };
  return { kind: isIn(retriable, status) ? "retriable" : "failure", status };
}

function isIn(ranges: readonly StatusRange[], status: number): boolean {
  return ranges.some(({ start, end }) => status >= start && status < end);
}
