import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test, type TestContext } from "node:test";
import {
  httpTo,
  startTcpRig,
  startTcpServer,
  type TcpRig,
  type TcpServer,
} from "../../testing/tcp-rig.ts";
import { turnsUntil } from "../../testing/turns.ts";

const GET = "GET / HTTP/1.1\r\nhost: a.test\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

interface Rig extends TcpRig {
  readonly server: TcpServer;
  /** Sends a request on a connection of its own; the function gives what came back so far. */
  request(): Promise<() => string>;
}

async function rig(t: TestContext, thresholds: string): Promise<Rig> {
  const server = await startTcpServer(t);
  const more = `circuit_breakers: { thresholds: [{ ${thresholds} }] }`;
  const made = await startTcpRig(t, `[${httpTo("up")}]`, { up: { port: server.port, more } });
  return {
    ...made,
    server,
    async request() {
      const client = await made.connect();
      let text = "";
      client.on("data", (data: Buffer) => (text += data.toString("latin1")));
      client.write(GET);
      return () => text;
    },
  };
}

/** Answers one request, when it is there. */
async function answer(socket: Socket): Promise<void> {
  let head = "";
  await turnsUntil(() => {
    head += ((socket.read() as Buffer | null) ?? "").toString("latin1");
    return head.endsWith("\r\n\r\n");
  });
  socket.write(OK);
}

void test("max_connections: requests wait for the one connection and get it in turn", async (t) => {
  const { request, server, proxy } = await rig(t, "max_connections: 1");
  const answers = [await request(), await request(), await request()];
  await turnsUntil(() => proxy.stat("cluster.up.upstream_rq_pending_active") === 2);
  const socket = await server.accept();
  for (const got of answers) {
    await answer(socket);
    await turnsUntil(() => got().endsWith("ok"));
  }
  assert.equal(server.sockets.length, 1);
  assert.equal(proxy.stat("cluster.up.upstream_rq_pending_active"), 0);
  assert.ok(proxy.stat("cluster.up.upstream_cx_overflow")! >= 2);
});

void test("max_pending_requests: who finds no place in the queue is told at once", async (t) => {
  const { request, server, proxy } = await rig(t, "max_connections: 1, max_pending_requests: 1");
  const first = await request();
  const socket = await server.accept();
  await turnsUntil(() => proxy.stat("cluster.up.upstream_rq_active") === 1);
  const second = await request();
  await turnsUntil(() => proxy.stat("cluster.up.upstream_rq_pending_active") === 1);
  const third = await request();
  await turnsUntil(() => third() !== "");
  assert.match(third(), /^HTTP\/1\.1 503 .*x-envoy-overloaded: true.*reset reason: overflow$/s);
  assert.equal(proxy.stat("cluster.up.upstream_rq_pending_overflow"), 1);
  await answer(socket);
  await turnsUntil(() => first().endsWith("ok"));
  await answer(socket);
  await turnsUntil(() => second().endsWith("ok"));
});

void test("max_connection_pools: a host without a pool is none", async (t) => {
  const { request, proxy } = await rig(t, "max_connection_pools: 0");
  const got = await request();
  await turnsUntil(() => got() !== "");
  assert.match(got(), /^HTTP\/1\.1 503 .*no healthy upstream$/s);
  assert.equal(proxy.stat("cluster.up.upstream_cx_pool_overflow"), 1);
});
