import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { startOrigin, type Origin, type OriginConnection } from "../../testing/origin.ts";
import type { TestProxy } from "../../testing/proxy.ts";
import { filter, startTcpRig } from "../../testing/tcp-rig.ts";
import { turnsUntil } from "../../testing/turns.ts";

const HTTP = "http_connection_manager.v3.HttpConnectionManager";
const ROUTER =
  "http_filters: [{ name: r, typed_config: { '@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]";

interface Rig {
  readonly client: Socket;
  readonly main: Origin;
  readonly mirror: Origin;
  readonly proxy: TestProxy;
  /** What the client read. */
  received(): string;
}

async function rig(t: TestContext, answers: { main?: Answer; mirror?: Answer } = {}): Promise<Rig> {
  const main = await startOrigin(answers.main);
  const mirror = await startOrigin(answers.mirror);
  t.after(() => {
    main.close();
    mirror.close();
  });
  const route =
    "route: { cluster: main, request_mirror_policies: [{ cluster: mirror }] }, match: { prefix: / }";
  const table = `route_config: { virtual_hosts: [{ name: v, domains: ['*'], routes: [{ ${route} }] }] }`;
  const hcm = filter(HTTP, `stat_prefix: in, ${ROUTER}, ${table}`);
  const made = await startTcpRig(t, `[${hcm}]`, {
    main: { port: main.port },
    mirror: { port: mirror.port },
  });
  const client = await made.connect();
  let text = "";
  client.on("data", (data: Buffer) => (text += data.toString("latin1")));
  return { client, main, mirror, proxy: made.proxy, received: () => text };
}

/** More than all buffers on the way hold. */
const BODY_BYTES = 40_000_000;

type Answer = (connection: OriginConnection) => void;

const silent: Answer = () => {};

void test("a body reaches the mirror while it is still coming", async (t) => {
  const { client, main, mirror } = await rig(t, { main: silent, mirror: silent });
  client.write("POST / HTTP/1.1\r\nhost: a.test\r\ncontent-length: 10\r\n\r\nhello");
  await turnsUntil(() => mirror.connections[0]?.received.endsWith("\r\n\r\nhello") === true);
  assert.match(mirror.connections[0]!.received, /^POST \/ HTTP\/1\.1\r\nhost: a\.test-shadow\r\n/);
  assert.equal(main.connections[0]!.received.endsWith("\r\n\r\nhello"), true);
  client.write("world");
  await turnsUntil(() => mirror.connections[0]!.received.endsWith("helloworld"));
});

void test("the answer does not wait for the mirror, and a mirror that fails is not seen", async (t) => {
  const { client, mirror, proxy, received } = await rig(t, { mirror: silent });
  client.write("GET / HTTP/1.1\r\nhost: a.test\r\n\r\n");
  await turnsUntil(() => received().endsWith("hello"));
  await turnsUntil(() => mirror.connections.length === 1);
  mirror.connections[0]!.socket.resetAndDestroy();
  await turnsUntil(() => proxy.stat("cluster.mirror.upstream_rq_503") === 1);
  assert.equal(proxy.stat("http.in.downstream_rq_2xx"), 1);
  assert.equal(proxy.stat("http.in.downstream_rq_5xx"), 0);
  assert.deepEqual(proxy.exceptions, []);
});

void test("a client that leaves in the middle of its body ends the mirrored request, too", async (t) => {
  const { client, mirror, proxy } = await rig(t, { main: silent, mirror: silent });
  client.write("POST / HTTP/1.1\r\nhost: a.test\r\ncontent-length: 10\r\n\r\nhello");
  await turnsUntil(() => mirror.connections[0]?.received.endsWith("hello") === true);
  const closed = once(mirror.connections[0]!.socket, "close");
  client.resetAndDestroy();
  await closed;
  assert.equal(proxy.stat("cluster.mirror.upstream_rq_active"), 0);
});

void test("a mirror that does not read stops the sender, as in Envoy, and lets it go again", async (t) => {
  let paused: Socket | null = null;
  const { client, main, received } = await rig(t, {
    main({ socket }) {
      if (socket.bytesRead > BODY_BYTES)
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    },
    mirror({ socket }) {
      if (paused !== null) return;
      paused = socket;
      socket.pause();
    },
  });
  client.write(`POST / HTTP/1.1\r\nhost: a.test\r\ncontent-length: ${BODY_BYTES}\r\n\r\n`);
  client.write(Buffer.alloc(BODY_BYTES, "x"));
  await turnsUntil(() => paused !== null && main.connections[0]!.socket.bytesRead > 100_000);
  // Sockets take some megabytes each. All of it comes only when the mirror reads.
  let before = -1;
  let turns = 0;
  await turnsUntil(() => {
    const now = main.connections[0]!.socket.bytesRead;
    turns = now === before ? turns + 1 : 0;
    before = now;
    return turns === 50;
  });
  assert.ok(before < BODY_BYTES, `${before} bytes reached the main upstream`);
  (paused as Socket | null)!.resume();
  await turnsUntil(() => received().endsWith("ok"));
});
