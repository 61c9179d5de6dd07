import assert from "node:assert/strict";
import { once } from "node:events";
import { attempt, missingCheck, type CheckResult } from "../check.ts";
import { loadPackage } from "../harness/counterparts.ts";
import type { Fronts } from "./fronts.ts";
import { patternBytes } from "./pattern.ts";
import type { WsPackage, WsSocket } from "./websocket-origin.ts";

const LARGE = 1_000_000;
const MESSAGES = 500;
const SOCKETS = 20;

/** WebSockets through the proxy, with the client of `ws`, and without TLS with Node's own. */
export async function checkWebSockets({ toHttp1, certificate }: Fronts): Promise<CheckResult[]> {
  const ws = loadPackage("ws") as WsPackage | null;
  if (ws === null) return [missingCheck("WebSocket", "ws")];
  const url = `${certificate === null ? "ws" : "wss"}://localhost:${toHttp1}/socket`;
  const open = (): Promise<WsSocket> => openSocket(ws, url, certificate?.cert);
  const name = certificate === null ? "WebSocket" : "WebSocket over TLS";
  return [
    await attempt(`${name}: texts and bytes, in order`, async () => checkMessages(await open())),
    await attempt(`${name}: a large message`, async () => checkLarge(await open())),
    await attempt(`${name}: ping and pong`, async () => checkPing(await open())),
    await attempt(`${name}: the closing code comes through`, async () => checkClose(await open())),
    await attempt(`${name}: ${SOCKETS} at once`, async () => {
      await Promise.all(Array.from({ length: SOCKETS }, async () => checkMessages(await open())));
    }),
    ...(certificate === null
      ? [await attempt(`${name}: Node's own client`, () => checkOwn(url))]
      : []),
  ];
}

async function openSocket(ws: WsPackage, url: string, ca: string | undefined): Promise<WsSocket> {
  const socket = new ws.WebSocket(url, { ca, handshakeTimeout: 10_000 });
  await once(socket, "open");
  return socket;
}

async function checkMessages(socket: WsSocket): Promise<void> {
  const seen: (string | Buffer)[] = [];
  const sent = Array.from({ length: MESSAGES }, (_, index) =>
    index % 2 === 0 ? `text ${index} é` : patternBytes(index),
  );
  const all = new Promise<void>((resolve, reject) => {
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      seen.push(isBinary ? data : data.toString("utf8"));
      if (seen.length === sent.length) resolve();
    });
    socket.on("close", () => reject(new Error(`closed after ${seen.length} messages`)));
  });
  for (const message of sent) socket.send(message);
  await all;
  assert.deepEqual(seen, sent);
  socket.terminate();
}

async function checkLarge(socket: WsSocket): Promise<void> {
  const body = patternBytes(LARGE);
  socket.send(body);
  const [data] = (await once(socket, "message")) as [Buffer];
  assert.ok(data.equals(body), `${data.length} bytes came back changed, ${LARGE} were sent`);
  socket.terminate();
}

async function checkPing(socket: WsSocket): Promise<void> {
  socket.ping(Buffer.from("are you there"));
  const [data] = (await once(socket, "pong")) as [Buffer];
  assert.equal(data.toString(), "are you there");
  socket.terminate();
}

async function checkClose(socket: WsSocket): Promise<void> {
  socket.close(4_001, "enough");
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  assert.deepEqual([code, reason.toString()], [4_001, "enough"]);
}

async function checkOwn(url: string): Promise<void> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  await once(socket, "open");
  socket.send("hello");
  const [event] = (await once(socket, "message")) as [MessageEvent];
  assert.equal(event.data, "hello");
  socket.close();
  await once(socket, "close");
}
