import assert from "node:assert/strict";
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
/** For ever, as far as a test is concerned. */
const LONG_PAUSE = "rate_limited_retry_back_off: { reset_headers: [{ name: retry-after }] }";

interface Rig {
  readonly client: Socket;
  readonly origin: Origin;
  readonly proxy: TestProxy;
  /** What the client read. */
  received(): string;
}

type Answer = (connection: OriginConnection, number: number) => void;

/** `answer` is told which connection it is, counted from 0. */
async function rig(t: TestContext, action: string, answer: Answer, route = ""): Promise<Rig> {
  const origin: Origin = await startOrigin((connection) =>
    answer(connection, origin.connections.indexOf(connection)),
  );
  t.after(() => origin.close());
  const routes = `routes: [{ match: { prefix: / }, route: { cluster: up, ${action} }${route} }]`;
  const table = `route_config: { virtual_hosts: [{ name: v, domains: ['*'], ${routes} }] }`;
  const hcm = filter(HTTP, `stat_prefix: in, ${ROUTER}, ${table}`);
  const made = await startTcpRig(t, `[${hcm}]`, { up: { port: origin.port } });
  const client = await made.connect();
  let text = "";
  client.on("data", (data: Buffer) => (text += data.toString("latin1")));
  return { client, origin, proxy: made.proxy, received: () => text };
}

function respond({ socket }: OriginConnection, head: string, body = ""): void {
  socket.write(`HTTP/1.1 ${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
}

void test("a body that is still coming goes to the next attempt from its beginning", async (t) => {
  const { client, origin, received } = await rig(
    t,
    "retry_policy: { retry_on: 5xx, num_retries: 2 }",
    (connection, number) => {
      if (number === 0) respond(connection, "503 No");
      else if (connection.received.endsWith("helloworld")) respond(connection, "200 OK", "done");
    },
  );
  client.write("POST / HTTP/1.1\r\nhost: a.test\r\ncontent-length: 10\r\n\r\nhello");
  await turnsUntil(() => origin.connections[1]?.received.endsWith("\r\n\r\nhello") === true);
  client.write("world");
  await turnsUntil(() => received().endsWith("done"));
  assert.equal(origin.connections.length, 2);
});

void test("what becomes too much while an attempt is awaited is answered with 507", async (t) => {
  const { client, proxy, received } = await rig(
    t,
    `retry_policy: { retry_on: 5xx, ${LONG_PAUSE} }`,
    (connection) => respond(connection, "503 No\r\nretry-after: 100"),
    ", request_body_buffer_limit: 100",
  );
  client.write("POST / HTTP/1.1\r\nhost: a.test\r\ncontent-length: 1000\r\n\r\nhello");
  await turnsUntil(() => proxy.stat("cluster.up.retry.upstream_rq_503") === 1);
  client.write("x".repeat(96));
  await turnsUntil(() => received().startsWith("HTTP/1.1 507 "));
  assert.equal(proxy.stat("cluster.up.retry_or_shadow_abandoned"), 1);
  assert.equal(proxy.stat("cluster.up.circuit_breakers.default.rq_retry_open"), 0);
});

void test("a client that leaves while an attempt is awaited gives its place back", async (t) => {
  const { client, proxy } = await rig(
    t,
    `retry_policy: { retry_on: 5xx, ${LONG_PAUSE} }`,
    (connection) => respond(connection, "503 No\r\nretry-after: 100"),
  );
  client.write("GET / HTTP/1.1\r\nhost: a.test\r\n\r\n");
  await turnsUntil(() => proxy.stat("cluster.up.retry.upstream_rq_503") === 1);
  client.destroy();
  await turnsUntil(() => proxy.stat("http.in.downstream_rq_active") === 0);
  assert.equal(proxy.stat("cluster.up.upstream_rq_active"), 0);
  assert.deepEqual(proxy.exceptions, []);
});

void test("of two attempts side by side the first response is passed on, and the other one given up", async (t) => {
  const { client, origin, proxy, received } = await rig(
    t,
    "timeout: 0s, retry_policy: { retry_on: 5xx, per_try_timeout: 0.02s }, hedge_policy: { hedge_on_per_try_timeout: true }",
    () => {},
  );
  client.write("GET / HTTP/1.1\r\nhost: a.test\r\n\r\n");
  await turnsUntil(() => origin.connections[1]?.received.endsWith("\r\n\r\n") === true);
  respond(origin.connections[0]!, "200 OK", "first");
  await turnsUntil(() => received().endsWith("first"));
  await turnsUntil(() => proxy.stat("cluster.up.upstream_rq_active") === 0);
  assert.equal(proxy.stat("cluster.up.upstream_cx_destroy_local_with_active_rq"), 1);
  assert.equal(proxy.stat("cluster.up.upstream_rq_retry"), 1);
  assert.deepEqual(proxy.exceptions, []);
});
