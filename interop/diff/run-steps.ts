import { fillPlaces, type CasePlaces } from "./case-config.ts";
import type { DiffCase, Step } from "./case.ts";
import { ClientConnection } from "./client-connection.ts";
import { modifyRuntime, replaceRuntime } from "./runtime-files.ts";
import { ClientTlsConnection } from "./tls/client-tls.ts";
import { UdpClient } from "./udp-client.ts";
import type { Upstream } from "./upstream.ts";

const PATIENCE_MS = 2_000;
const SETTLE_MS = 600;
const PIECE_GAP_MS = 4;
const POLL_MS = 5;

/** Does a case's steps against its listener, or the admin's. The connections are left as they are at the end. */
export async function runSteps(
  diffCase: DiffCase,
  places: CasePlaces,
  adminPort: number,
  upstreams: readonly Upstream[],
): Promise<ClientConnection[]> {
  const connections = new Map<number, ClientConnection>();
  const patienceMs = diffCase.patience_ms ?? PATIENCE_MS;
  const steps = fillPlaces(diffCase.steps, diffCase, places);
  for (let round = 0; round < (diffCase.repeat ?? 1); round += 1) {
    for (const step of steps) {
      if (await changeRuntime(step, places, adminPort)) continue;
      const number = step.on ?? 1;
      let connection = connections.get(number);
      if (connection === undefined) {
        const port = diffCase.admin === true ? adminPort : places.port;
        connection = open(diffCase, step, port, places, connections);
        connections.set(number, connection);
        await connection.until(() => isUp(connection!), patienceMs);
      }
      const before = requestsAt(upstreams);
      await runStep(step, connection, patienceMs);
      if (step.seen === true)
        await pollUntil(
          () =>
            requestsAt(upstreams) > before ||
            connection.ended ||
            connection.http2?.isLastAnswered === true,
          patienceMs,
        );
    }
  }
  for (const connection of connections.values()) connection.flush();
  return [...connections.values()];
}

function open(
  { tls: ofCase, client }: DiffCase,
  step: Step,
  port: number,
  { certificates }: CasePlaces,
  others: ReadonlyMap<number, ClientConnection>,
): ClientConnection {
  const tls = step.tls === undefined ? ofCase : { ...ofCase, ...step.tls };
  const earlier = others.get(tls?.resume ?? 0)?.tls ?? null;
  return new ClientConnection(port, client, (raw) =>
    tls === undefined ? null : new ClientTlsConnection(raw, tls, certificates, earlier),
  );
}

/** The same over UDP. The sockets are left open. */
export async function runUdpSteps(diffCase: DiffCase, places: CasePlaces): Promise<UdpClient[]> {
  const clients = new Map<number, UdpClient>();
  for (const step of fillPlaces(diffCase.steps, diffCase, places)) {
    const number = step.on ?? 1;
    let client = clients.get(number);
    if (client === undefined) clients.set(number, (client = await UdpClient.open(places.port)));
    await client.run(step, diffCase.patience_ms ?? PATIENCE_MS);
  }
  return [...clients.values()];
}

/** Whether the step was about the runtime. */
async function changeRuntime(
  { runtime_modify: values, runtime_files: files }: Step,
  { runtime }: CasePlaces,
  adminPort: number,
): Promise<boolean> {
  if (values !== undefined) await modifyRuntime(adminPort, values);
  if (files !== undefined) await replaceRuntime(runtime, files);
  return values !== undefined || files !== undefined;
}

function requestsAt(upstreams: readonly Upstream[]): number {
  return upstreams.reduce((sum, { order }) => sum + order.length, 0);
}

async function pollUntil(reached: () => boolean, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!reached() && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** Waits until nothing happens any more on a case's connections, and collects what came. */
export async function settle(
  diffCase: DiffCase,
  connections: readonly ClientConnection[],
): Promise<void> {
  const quietMs = diffCase.settle_ms ?? SETTLE_MS;
  await Promise.all(connections.map((connection) => connection.settle(quietMs)));
  for (const connection of connections) connection.wire.collect();
}

/** Over HTTP/2 once the proxy's SETTINGS are there: how data is cut into frames depends on them. */
function isUp({ local, http2, tls }: ClientConnection): boolean {
  return (
    local !== "" &&
    tls?.established !== false &&
    (http2 === null || http2.session.isMute || http2.session.peerSettings !== null)
  );
}

async function runStep(
  step: Step,
  connection: ClientConnection,
  patienceMs: number,
): Promise<void> {
  const { http2 } = connection;
  if (http2 !== null && isSent(step)) {
    const before = http2.session.finalCount;
    // All of a step's frames at once: what a proxy reads together it takes together.
    connection.socket.cork();
    http2.send(step, (bytes) => connection.send(bytes));
    if (step.together === true) return;
    connection.flush();
    await connection.until(
      () =>
        step.wait === undefined ? http2.isAnswered : http2.session.finalCount >= before + step.wait,
      patienceMs,
    );
    http2.forget();
  } else if (step.request !== undefined || step.raw !== undefined) {
    const bytes = stepBytes(step);
    connection.methods.push(...methodsIn(bytes));
    const wanted = connection.reader.finalCount + (step.wait ?? 1);
    await sendPieces(connection, bytes, step.split);
    await connection.until(() => connection.reader.finalCount >= wanted, patienceMs);
  } else if (step.wait_bytes !== undefined) {
    const wanted = step.wait_bytes;
    await connection.until(() => connection.bytesReceived >= wanted, patienceMs);
  } else if (step.stop_reading === true) {
    connection.socket.pause();
  } else if (step.resume_reading === true) {
    connection.socket.resume();
  } else if (step.pause_ms !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, step.pause_ms));
  } else if (step.end === true) {
    connection.socket.end();
  } else if (step.close === true || step.reset === true) {
    connection.leave(step.close === true ? "close" : "reset");
  }
}

/** Whether a step over HTTP/2 is more than one over any connection. */
function isSent({ request, data, rst, frames, trailers }: Step): boolean {
  return [request, data, rst, frames, trailers].some((verb) => verb !== undefined);
}

/** The bytes that a sending step puts on the wire of HTTP/1. */
export function stepBytes(step: Step): Buffer {
  if (step.raw !== undefined) {
    const parts = typeof step.raw === "string" ? [step.raw] : step.raw;
    const text = parts.map((part) => (typeof part === "string" ? part : part[0].repeat(part[1])));
    return Buffer.from(text.join(""), "latin1");
  }
  const body = step.body_bytes === undefined ? (step.body ?? "") : "x".repeat(step.body_bytes);
  const headers = step.headers ?? [];
  const lines = [`${step.request} HTTP/${step.version ?? "1.1"}`];
  if (step.host !== null) lines.push(`Host: ${step.host ?? "a.test"}`);
  lines.push(...headers);
  const framed = headers.some((line) => /^(?:content-length|transfer-encoding)\s*:/i.test(line));
  if (!framed && (step.body !== undefined || step.body_bytes !== undefined)) {
    lines.push(`Content-Length: ${body.length}`);
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "latin1");
}

async function sendPieces(
  connection: ClientConnection,
  bytes: Buffer,
  size: number | undefined,
): Promise<void> {
  if (size === undefined) {
    connection.send(bytes);
    return;
  }
  for (let at = 0; at < bytes.length; at += size) {
    connection.send(bytes.subarray(at, at + size));
    await new Promise((resolve) => setTimeout(resolve, PIECE_GAP_MS));
  }
}

/** The methods of the requests in `bytes`, as far as they look like any; a response to HEAD has no body. */
function methodsIn(bytes: Buffer): string[] {
  const heads = bytes.toString("latin1").matchAll(/^([A-Za-z-]+) \S+ HTTP\/\d/gm);
  return [...heads].map((match) => match[1]!);
}
