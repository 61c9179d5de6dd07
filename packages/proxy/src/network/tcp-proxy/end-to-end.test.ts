import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { testAccessLog } from "../../testing/access-log.ts";
import {
  filter,
  readBytes,
  readToEnd,
  startTcpRig,
  startTcpServer,
  type TcpRig,
  type TcpServer,
} from "../../testing/tcp-rig.ts";
import { turnsUntil } from "../../testing/turns.ts";

interface Rig extends TcpRig {
  readonly server: TcpServer;
}

/** A TCP proxy in front of one server; `config` and `cluster` are more lines in flow style. */
async function rig(
  t: TestContext,
  config = "cluster: up",
  cluster = "connect_timeout: 1s",
): Promise<Rig> {
  const server = await startTcpServer(t);
  const filters = `[${filter("tcp_proxy.v3.TcpProxy", `stat_prefix: t, ${config}`)}]`;
  const made = await startTcpRig(t, filters, { up: { port: server.port, more: cluster } });
  return { ...made, server };
}

/** Both ends of one proxied connection. */
async function pair({ connect, server }: Rig): Promise<{ client: Socket; upstream: Socket }> {
  const client = await connect();
  return { client, upstream: await server.accept() };
}

/** Nothing of the connection is left. */
async function untilOver({ proxy }: TcpRig): Promise<void> {
  await turnsUntil(() => proxy.stat("listener.127.0.0.1_0.downstream_cx_active") === 0);
  await turnsUntil(() => proxy.stat("cluster.up.upstream_cx_active") === 0);
  assert.equal(proxy.stat("cluster.up.upstream_rq_active"), 0);
  assert.equal(proxy.stat("cluster.up.upstream_rq_pending_active"), 0);
  assert.deepEqual(proxy.exceptions, []);
}

const WAIT = { timeout: 60_000 };

void test("bytes pass both ways, and are counted", WAIT, async (t) => {
  const made = await rig(t);
  const { client, upstream } = await pair(made);
  client.write("hello");
  assert.equal((await readBytes(upstream, 5)).toString(), "hello");
  upstream.write("wonderful");
  assert.equal((await readBytes(client, 9)).toString(), "wonderful");
  const { stat } = made.proxy;
  assert.equal(stat("tcp.t.downstream_cx_rx_bytes_total"), 5);
  assert.equal(stat("tcp.t.downstream_cx_tx_bytes_total"), 9);
  assert.equal(stat("cluster.up.upstream_cx_tx_bytes_total"), 5);
  assert.equal(stat("cluster.up.upstream_cx_rx_bytes_total"), 9);
  assert.equal(stat("cluster.up.upstream_rq_active"), 1);
});

void test("the client's half close passes, and the answer still comes", WAIT, async (t) => {
  const made = await rig(t);
  const { client, upstream } = await pair(made);
  client.end("question");
  assert.deepEqual(await readToEnd(upstream), { data: Buffer.from("question"), reset: false });
  upstream.end("answer");
  assert.deepEqual(await readToEnd(client), { data: Buffer.from("answer"), reset: false });
  await untilOver(made);
  assert.equal(made.proxy.stat("cluster.up.upstream_cx_destroy_remote"), 1);
});

void test("the server's half close passes, and the client may go on", WAIT, async (t) => {
  const made = await rig(t);
  const { client, upstream } = await pair(made);
  upstream.end("greeting");
  assert.deepEqual(await readToEnd(client), { data: Buffer.from("greeting"), reset: false });
  client.end("much later");
  assert.deepEqual(await readToEnd(upstream), { data: Buffer.from("much later"), reset: false });
  await untilOver(made);
  assert.equal(made.proxy.stat("cluster.up.upstream_cx_destroy_local"), 1);
});

void test(
  "a FIN that comes while upstream is not there yet passes behind the data",
  WAIT,
  async (t) => {
    const made = await rig(t);
    const client = await made.connect();
    client.end("all at once");
    const upstream = await made.server.accept();
    assert.deepEqual(await readToEnd(upstream), { data: Buffer.from("all at once"), reset: false });
  },
);

void test("resets pass both ways", WAIT, async (t) => {
  const made = await rig(t);
  const first = await pair(made);
  first.client.write("x");
  await readBytes(first.upstream, 1);
  first.client.resetAndDestroy();
  assert.equal((await readToEnd(first.upstream)).reset, true);
  const second = await pair(made);
  second.client.write("y");
  await readBytes(second.upstream, 1);
  second.upstream.resetAndDestroy();
  assert.equal((await readToEnd(second.client)).reset, true);
  await untilOver(made);
});

void test("each of the weighted clusters gets connections", WAIT, async (t) => {
  const servers = await Promise.all([startTcpServer(t), startTcpServer(t)]);
  const weights =
    "weighted_clusters: { clusters: [{ name: a, weight: 1 }, { name: b, weight: 3 }] }";
  const { connect } = await startTcpRig(
    t,
    `[${filter("tcp_proxy.v3.TcpProxy", `stat_prefix: t, ${weights}`)}]`,
    {
      a: { port: servers[0].port },
      b: { port: servers[1].port },
    },
  );
  while (servers.some(({ sockets }) => sockets.length === 0)) {
    await connect();
    await new Promise((resolve) => setImmediate(resolve));
  }
});

void test("max_connect_attempts: so many, then the client is closed", WAIT, async (t) => {
  const made = await rig(t, "cluster: up, max_connect_attempts: 3");
  made.server.close();
  const { data } = await readToEnd(await made.connect());
  assert.equal(data.length, 0);
  await untilOver(made);
  const { stat } = made.proxy;
  assert.equal(stat("cluster.up.upstream_cx_total"), 3);
  assert.equal(stat("cluster.up.upstream_cx_connect_fail"), 3);
  assert.equal(stat("cluster.up.upstream_rq_pending_failure_eject"), 3);
  assert.equal(stat("cluster.up.upstream_cx_connect_attempts_exceeded"), 1);
});

void test("no such cluster: closed, and counted", WAIT, async (t) => {
  const made = await rig(t, "cluster: elsewhere");
  await readToEnd(await made.connect());
  assert.equal(made.proxy.stat("tcp.t.downstream_cx_no_route"), 1);
});

void test("max_connections of the cluster holds for TCP too", WAIT, async (t) => {
  const made = await rig(
    t,
    "cluster: up",
    "circuit_breakers: { thresholds: [{ max_connections: 1 }] }",
  );
  const { client } = await pair(made);
  await readToEnd(await made.connect());
  assert.equal(made.proxy.stat("cluster.up.upstream_cx_overflow"), 1);
  client.resetAndDestroy();
  await turnsUntil(() => made.proxy.stat("cluster.up.upstream_cx_active") === 0);
  await pair(made);
  assert.equal(made.proxy.stat("cluster.up.upstream_cx_total"), 2);
});

void test("max_pending_requests holds for connections that are being made", WAIT, async (t) => {
  const made = await rig(
    t,
    "cluster: up",
    "circuit_breakers: { thresholds: [{ max_pending_requests: 0 }] }",
  );
  await readToEnd(await made.connect());
  assert.equal(made.proxy.stat("cluster.up.upstream_rq_pending_overflow"), 1);
  await untilOver(made);
});

void test("idle_timeout ends both connections", WAIT, async (t) => {
  const made = await rig(t, "cluster: up, idle_timeout: 0.05s");
  const { client, upstream } = await pair(made);
  await Promise.all([readToEnd(client), readToEnd(upstream)]);
  await untilOver(made);
  assert.equal(made.proxy.stat("tcp.t.idle_timeout"), 1);
});

void test(
  "max_downstream_connection_duration ends a connection that is not idle",
  WAIT,
  async (t) => {
    const made = await rig(t, "cluster: up, max_downstream_connection_duration: 0.05s");
    const { client, upstream } = await pair(made);
    upstream.pipe(upstream);
    client.on("data", (data: Buffer) => client.write(data));
    client.write("round and round");
    await untilOver(made);
    assert.equal(made.proxy.stat("tcp.t.max_downstream_connection_duration"), 1);
  },
);

void test(
  "back pressure: a client that does not read stops the server, and memory stays bounded",
  WAIT,
  async (t) => {
    const made = await rig(t);
    const { client, upstream } = await pair(made);
    await assertBackPressure(made, upstream, client, "cluster.up.upstream_flow_control");
  },
);

void test(
  "back pressure: a server that does not read stops the client, and memory stays bounded",
  WAIT,
  async (t) => {
    const made = await rig(t);
    const { client, upstream } = await pair(made);
    await assertBackPressure(made, client, upstream, "tcp.t.downstream_flow_control");
  },
);

/** `from` writes as much as it may while `to` does not read; then `to` reads everything. */
async function assertBackPressure(
  { proxy }: Rig,
  from: Socket,
  to: Socket,
  stats: string,
): Promise<void> {
  const size = 128 * 1024 * 1024;
  const chunk = Buffer.alloc(1024 * 1024, "0123456789abcdef");
  const before = process.memoryUsage().arrayBuffers;
  let written = 0;
  const more = (): void => {
    while (written < size) {
      written += chunk.length;
      if (!from.write(chunk)) return void from.once("drain", more);
    }
    from.end();
  };
  more();
  let last = -1;
  let quiet = 0;
  await turnsUntil(() => {
    quiet = written === last ? quiet + 1 : 0;
    last = written;
    return quiet > 200 && proxy.stat(`${stats}_paused_reading_total`)! > 0;
  });
  assert.ok(written < size, "everything was taken although nobody read");
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < 16 * 1024 * 1024, `memory grew by ${grown} bytes`);
  let received = 0;
  to.on("data", (data: Buffer) => (received += data.length));
  await once(to, "end");
  assert.equal(received, size);
  assert.equal(
    proxy.stat(`${stats}_resumed_reading_total`),
    proxy.stat(`${stats}_paused_reading_total`),
  );
}

const LEFT_BEHIND_BYTES = 32 * 1024 * 1024;

/** All of the client's data is in the proxy, for a server that ended its side and does not read; the client is gone. */
async function leaveBehind(t: TestContext, more: string): Promise<Rig & { upstream: Socket }> {
  const made = await rig(
    t,
    `cluster: up, ${more}`,
    `per_connection_buffer_limit_bytes: ${2 * LEFT_BEHIND_BYTES}`,
  );
  const { client, upstream } = await pair(made);
  upstream.end("bye");
  await readToEnd(client);
  client.end(Buffer.alloc(LEFT_BEHIND_BYTES, "x"));
  await turnsUntil(() => made.proxy.stat("tcp.t.upstream_flush_active") === 1);
  assert.equal(made.proxy.stat("listener.127.0.0.1_0.downstream_cx_active"), 0);
  return { ...made, upstream };
}

void test("what a client left behind still reaches the server", WAIT, async (t) => {
  const { proxy, upstream, ...made } = await leaveBehind(t, "idle_timeout: 3600s");
  let received = 0;
  upstream.on("data", (data: Buffer) => (received += data.length));
  await once(upstream, "end");
  assert.equal(received, LEFT_BEHIND_BYTES);
  await untilOver({ proxy, ...made });
  assert.equal(proxy.stat("tcp.t.upstream_flush_active"), 0);
  assert.equal(proxy.stat("tcp.t.upstream_flush_total"), 1);
  assert.equal(proxy.stat("tcp.t.idle_timeout"), 0);
});

void test(
  "a server that never reads what was left behind is given up after idle_timeout",
  WAIT,
  async (t) => {
    const made = await leaveBehind(t, "idle_timeout: 1s");
    await untilOver(made);
    assert.equal(made.proxy.stat("tcp.t.upstream_flush_active"), 0);
    assert.equal(made.proxy.stat("tcp.t.idle_timeout"), 1);
  },
);

void test("the access log has the connection's facts", WAIT, async (t) => {
  const format =
    "%ACCESS_LOG_TYPE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %UPSTREAM_CLUSTER% %UPSTREAM_TRANSPORT_FAILURE_REASON%";
  const log = testAccessLog(t, format);
  const made = await rig(t, `cluster: up, max_connect_attempts: 2, ${log.yaml}`);
  const { client, upstream } = await pair(made);
  client.end("hello");
  await readToEnd(upstream);
  upstream.end("good bye");
  await readToEnd(client);
  await untilOver(made);
  made.server.close();
  await readToEnd(await made.connect());
  await untilOver(made);
  made.proxy.close();
  assert.deepEqual(log.lines(), [
    "TcpConnectionEnd - 5 8 up -",
    "TcpConnectionEnd UF,URX 0 0 up delayed_connect_error:_Connection_refused",
  ]);
});

void test("a connection has an id of its own, the same in each of its lines", WAIT, async (t) => {
  const log = testAccessLog(t, "%STREAM_ID%");
  const options = "access_log_options: { flush_access_log_on_start: true }";
  const made = await rig(t, `cluster: up, ${options}, ${log.yaml}`);
  const { client, upstream } = await pair(made);
  client.end();
  upstream.end();
  await untilOver(made);
  made.proxy.post({ kind: "reopen_logs" });
  const [start, end, ...others] = log.lines();
  assert.match(start!, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(end, start);
  assert.deepEqual(others, []);
});
