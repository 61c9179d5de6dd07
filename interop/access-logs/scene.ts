import { once } from "node:events";
import { request } from "node:http";
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type ServerHttp2Stream,
} from "node:http2";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import net from "node:net";
import tls, { type SecureVersion } from "node:tls";
import type { Certificate } from "../harness/certificate.ts";
import { TLV_TYPE, type ScenePorts } from "./configuration.ts";

/** Hosts behind the proxy: one of HTTP/1, which also answers what is no HTTP, and one of HTTP/2. Returns what ends them. */
export async function startUpstreams(ports: ScenePorts): Promise<() => void> {
  const http1 = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => answer(socket, data.toString("latin1")));
  });
  const http2 = createHttp2Server();
  http2.on("session", (session) => session.on("error", () => {}));
  http2.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "x-answer": "two" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "x-trailer": "t" }));
    stream.end("with trailers");
  });
  http1.listen(ports.upstream, "127.0.0.1");
  http2.listen(ports.upstreamHttp2, "127.0.0.1");
  await Promise.all([once(http1, "listening"), once(http2, "listening")]);
  return () => {
    http1.close();
    http2.close();
  };
}

/** By hand, so that no header comes and goes with a version of Node. A request is one piece, or its body another. */
function answer(socket: net.Socket, text: string): void {
  if (text.includes("/hangup")) socket.destroy();
  else if (text.includes("/slow") || !/^[A-Z]+ \//.test(text)) return;
  else {
    const headers = "x-answer: one\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 5\r\n";
    socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\nhello`);
  }
}

/** Everything that is asked of the proxy, one after the other. */
export async function play(ports: ScenePorts, certificate: Certificate): Promise<void> {
  await playHttp1(ports);
  await playHttp2(ports.http);
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const)
    await playSecure(ports.https, certificate, maxVersion);
  await playTcp(ports.tcp);
  await playTls(ports.tcpTls, certificate);
  await playProxied(ports.proxied);
}

const MANY = [
  "x-many",
  "1",
  "X-Many",
  "2",
  "x-bytes",
  "a\xffb\xc3\xa9",
  "x-empty",
  "",
  "x-tag",
  "tagged",
];

async function playHttp1({ http: port }: ScenePorts): Promise<void> {
  const host = ["host", "scene.test"];
  const agent = [
    "user-agent",
    "scene",
    "referer",
    "http://from.test/",
    "x-forwarded-for",
    "10.1.1.1",
  ];
  await ask(port, "POST", "/ok?q=1", [...host, ...agent, ...MANY], "the body");
  for (const path of ["/direct", "/redirect", "/dead", "/empty", "/slow", "/hangup", "/nowhere"])
    await ask(port, "GET", path, host);
  await ask(port, "BREW", "/direct", host);
  await raw(port, "GET /direct HTTP/1.0\r\nhost: a\r\n\r\n");
  await raw(port, "GET / HTTP/1.1\r\nbad header\r\n\r\n");
}

function ask(
  port: number,
  method: string,
  path: string,
  headers: readonly string[],
  body = "",
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, agent: false } as const;
    // Node's parser for requests knows few methods; the head is written by hand.
    if (method === "BREW") {
      raw(port, `${method} ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`).then(
        resolve,
        reject,
      );
      return;
    }
    const asked = request({ ...options, method, headers: [...headers, "connection", "close"] });
    asked.on("error", reject);
    asked.on("response", (response) => response.resume().on("end", () => resolve()));
    asked.end(body);
  });
}

async function raw(port: number, text: string): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  socket.resume().on("error", () => {});
  socket.write(Buffer.from(text, "latin1"));
  await closed(socket);
}

/** Whatever its end is. */
function closed(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

async function playHttp2(port: number): Promise<void> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  for (const path of ["/trailers", "/ok"]) {
    const stream = session.request({
      ":path": path,
      ":authority": "two.test",
      "x-many": ["1", "2"],
    });
    stream.resume();
    await once(stream, "close");
  }
  session.close();
  await once(session, "close");
}

async function playSecure(
  port: number,
  { cert, key }: Certificate,
  maxVersion: SecureVersion,
): Promise<void> {
  // Its cipher suite is the same, whatever the proxy would choose.
  const ciphers = "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256";
  const agent = new SecureAgent({ maxVersion, ciphers, ca: cert, cert, key });
  await new Promise<void>((resolve, reject) => {
    const asked = secureRequest({
      host: "127.0.0.1",
      port,
      path: "/direct",
      agent,
      servername: "localhost",
      headers: { connection: "close" },
    });
    asked.on("error", reject);
    asked.on("response", (response) => response.resume().on("end", () => resolve()));
    asked.end();
  });
  agent.destroy();
}

/** The client is done when it has its answer. */
async function playTcp(port: number): Promise<void> {
  await exchange(net.connect(port, "127.0.0.1"));
}

async function exchange(socket: net.Socket): Promise<void> {
  socket.on("data", () => socket.end()).on("error", () => {});
  socket.write("GET /tcp HTTP/1.1\r\n\r\n");
  await closed(socket);
}

/** PROXY protocol, version 2: TCP over IPv4 from 10.2.2.2:1000 to 10.3.3.3:2000, and a text. */
async function playProxied(port: number): Promise<void> {
  const told = Buffer.from("tëxt");
  const tlv = Buffer.concat([Buffer.from([TLV_TYPE, 0, told.length]), told]);
  const addresses = Buffer.from([
    10,
    2,
    2,
    2,
    10,
    3,
    3,
    3,
    1000 >> 8,
    1000 & 255,
    2000 >> 8,
    2000 & 255,
  ]);
  const head = Buffer.from("0d0a0d0a000d0a515549540a2111", "hex");
  const length = Buffer.from([0, addresses.length + tlv.length]);
  const socket = net.connect(port, "127.0.0.1");
  socket.write(Buffer.concat([head, length, addresses, tlv]));
  await exchange(socket);
}

async function playTls(port: number, { cert: ca }: Certificate): Promise<void> {
  await exchange(tls.connect({ port, host: "127.0.0.1", ca, servername: "localhost" }));
}
