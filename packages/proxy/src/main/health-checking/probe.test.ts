import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { ipAddress, pipeAddress } from "../../transport/address.ts";
import type { CheckedHost, CheckResult, HealthCheckConfig } from "./model.ts";
import { probe } from "./probe.ts";

const CONFIG: HealthCheckConfig = {
  timeoutMs: 10_000,
  intervalMs: 1,
  healthyIntervalMs: 1,
  initialJitterMs: 0,
  intervalJitterMs: 0,
  intervalJitterPercent: 0,
  healthyThreshold: 1,
  unhealthyThreshold: 1,
  check: {
    kind: "http",
    host: "",
    path: "/ok?a",
    method: "GET",
    http2: false,
    expected: [{ start: 200, end: 201 }],
    retriable: [{ start: 500, end: 501 }],
  },
};
const TCP: HealthCheckConfig = { ...CONFIG, check: { kind: "tcp", send: null, receive: [] } };

async function listen(t: TestContext, server: net.Server, path?: string): Promise<CheckedHost> {
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => void sockets.add(socket));
  server.listen(path ?? 0);
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address =
    path === undefined
      ? ipAddress("127.0.0.1", (server.address() as AddressInfo).port)
      : pipeAddress(path);
  return { address, hostname: "checked.test" };
}

function result(host: CheckedHost, config: HealthCheckConfig): Promise<CheckResult> {
  return new Promise((resolve) => void probe(host, config, resolve));
}

const options = { timeout: 20_000 };

test("HTTP/1 asks by the host's name, and judges by the status", options, async (t) => {
  let status = 200;
  const seen: string[] = [];
  const host = await listen(
    t,
    http.createServer(({ method, url, headers }, response) => {
      seen.push(`${method} ${headers.host} ${url} ${headers["user-agent"]}`);
      response.writeHead(status).end("x");
    }),
  );
  assert.deepEqual(await result(host, CONFIG), { kind: "success", status: 200 });
  assert.deepEqual(seen, ["GET checked.test /ok?a Envoy/HC"]);
  status = 503;
  assert.deepEqual(await result(host, CONFIG), { kind: "failure", status: 503 });
  status = 500;
  assert.deepEqual(await result(host, CONFIG), { kind: "retriable", status: 500 });
});

test("HTTP/2 does the same", options, async (t) => {
  const server = http2.createServer((request, response) => {
    response.writeHead(request.headers[":authority"] === "checked.test" ? 200 : 404).end("x");
  });
  const host = await listen(t, server);
  const check = { ...CONFIG.check, http2: true } as HealthCheckConfig["check"];
  assert.deepEqual(await result(host, { ...CONFIG, check }), { kind: "success", status: 200 });
  const other = { ...host, hostname: "other.test" };
  assert.deepEqual(await result(other, { ...CONFIG, check }), { kind: "failure", status: 404 });
});

test("TCP takes a connection, or what has to come in its order", options, async (t) => {
  const host = await listen(
    t,
    net.createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => socket.write("one two"));
    }),
  );
  const expecting = (...pieces: string[]): HealthCheckConfig => ({
    ...TCP,
    timeoutMs: 500,
    check: { kind: "tcp", send: Buffer.from("?"), receive: pieces.map((one) => Buffer.from(one)) },
  });
  assert.deepEqual(await result(host, TCP), { kind: "success" });
  assert.deepEqual(await result(host, expecting("one", "two")), { kind: "success" });
  assert.deepEqual(await result(host, expecting("two", "one")), { kind: "timeout" });
});

test("hosts behind pipes are checked", options, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-probe-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const server = http.createServer((_, response) => void response.end());
  const host = await listen(t, server, join(folder, "host.sock"));
  assert.deepEqual(await result(host, CONFIG), { kind: "success", status: 200 });
  assert.deepEqual(await result(host, TCP), { kind: "success" });
});

test("nobody there, cut off, silent", options, async (t) => {
  const nobody = { address: ipAddress("127.0.0.1", 1), hostname: "" };
  assert.deepEqual(await result(nobody, CONFIG), { kind: "network" });
  assert.deepEqual(await result(nobody, TCP), { kind: "network" });
  const cutting = await listen(
    t,
    net.createServer((socket) => void socket.destroy()),
  );
  assert.deepEqual(await result(cutting, CONFIG), { kind: "network" });
  const silent = await listen(
    t,
    net.createServer((socket) => void socket.on("error", () => {}).resume()),
  );
  assert.deepEqual(await result(silent, { ...CONFIG, timeoutMs: 1 }), { kind: "timeout" });
});
