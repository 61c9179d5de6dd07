import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test, type TestContext } from "node:test";
import type { TestProxy } from "../../testing/proxy.ts";
import { httpTo, startTcpRig, startTcpServer, type TcpServer } from "../../testing/tcp-rig.ts";
import { turnsUntil } from "../../testing/turns.ts";

const GET = "GET / HTTP/1.1\r\nhost: a.test\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

interface Rig {
  readonly client: Socket;
  readonly server: TcpServer;
  readonly proxy: TestProxy;
  /** What the client read. */
  received(): string;
}

/** One exchange is over; its upstream connection is idle, and the next one answers as well. */
async function rigWithIdleConnection(t: TestContext): Promise<Rig> {
  const server = await startTcpServer(t);
  const made = await startTcpRig(t, `[${httpTo("up")}]`, {
    up: { port: server.port },
  });
  const client = await made.connect();
  let text = "";
  client.on("data", (data: Buffer) => (text += data.toString("latin1")));
  void serve(server);
  client.write(GET);
  await turnsUntil(() => text.endsWith("ok"));
  text = "";
  return { client, server, proxy: made.proxy, received: () => text };
}

async function serve(server: TcpServer): Promise<void> {
  for (;;) {
    const socket = await server.accept();
    socket.on("data", () => socket.write(OK));
  }
}

void test("an idle connection that the peer reset just as it was chosen is replaced, as nothing was sent", async (t) => {
  const { client, server, proxy, received } = await rigWithIdleConnection(t);
  // Both in one turn: the proxy sees the request first, and the reset when it writes.
  client.write(GET);
  server.sockets[0]!.resetAndDestroy();
  await turnsUntil(() => received() !== "");
  assert.match(received(), /^HTTP\/1\.1 200 OK\r\n/);
  assert.equal(server.sockets.length, 2);
  assert.equal(proxy.stat("cluster.up.upstream_cx_total"), 2);
  // The first exchange, the one that failed, and its replacement: without that it was no race.
  assert.equal(proxy.stat("cluster.up.upstream_rq_total"), 3);
  assert.deepEqual(proxy.exceptions, []);
});

void test("once the kernel took the request it may have been seen: no second try", async (t) => {
  const { client, server, proxy, received } = await rigWithIdleConnection(t);
  const [first] = server.sockets;
  first!.removeAllListeners("data");
  client.write(GET);
  first!.end();
  await turnsUntil(() => received() !== "");
  assert.match(received(), /^HTTP\/1\.1 503 .*reset reason: connection termination$/s);
  assert.equal(server.sockets.length, 1);
  assert.equal(proxy.stat("cluster.up.upstream_rq_total"), 2);
});

void test("a request with a body is not sent twice", async (t) => {
  const { client, server, received } = await rigWithIdleConnection(t);
  client.write("POST / HTTP/1.1\r\nhost: a.test\r\ncontent-length: 2\r\n\r\nhi");
  server.sockets[0]!.resetAndDestroy();
  await turnsUntil(() => received() !== "");
  assert.match(received(), /^HTTP\/1\.1 503 /);
  assert.equal(server.sockets.length, 1);
});
