import assert from "node:assert/strict";
import { test } from "node:test";
import { filter, readBytes, readToEnd, startTcpRig } from "../../testing/tcp-rig.ts";
import { turnsUntil } from "../../testing/turns.ts";

const ECHO = filter("echo.v3.Echo", "");
const limit = (more: string): string =>
  `[${filter("connection_limit.v3.ConnectionLimit", `stat_prefix: l, ${more}`)}, ${ECHO}]`;

void test("a connection above the limit is closed, and there is room again when one leaves", async (t) => {
  const { connect, proxy } = await startTcpRig(t, limit("max_connections: 2"));
  const first = await connect();
  const second = await connect();
  first.write("1");
  second.write("2");
  await Promise.all([readBytes(first, 1), readBytes(second, 1)]);
  assert.equal(proxy.stat("connection_limit.l.active_connections"), 2);
  assert.deepEqual(await readToEnd(await connect()), { data: Buffer.alloc(0), reset: false });
  assert.equal(proxy.stat("connection_limit.l.limited_connections"), 1);
  first.destroy();
  await turnsUntil(() => proxy.stat("connection_limit.l.active_connections") === 1);
  const third = await connect();
  third.write("3");
  assert.equal((await readBytes(third, 1)).toString(), "3");
});

void test("a delay holds the refused connection, whatever it sends, and ends it without a reset", async (t) => {
  const { connect, proxy } = await startTcpRig(t, limit("max_connections: 1, delay: 0.05s"));
  const first = await connect();
  first.write("1");
  await readBytes(first, 1);
  const refused = await connect();
  refused.write("is anybody there");
  await turnsUntil(() => proxy.stat("connection_limit.l.limited_connections") === 1);
  assert.deepEqual(await readToEnd(refused), { data: Buffer.alloc(0), reset: false });
  assert.equal(proxy.stat("connection_limit.l.active_connections"), 1);
});

void test("a client that leaves during the delay is forgotten", async (t) => {
  const { connect, proxy } = await startTcpRig(t, limit("max_connections: 1, delay: 3600s"));
  const first = await connect();
  first.write("1");
  await readBytes(first, 1);
  const refused = await connect();
  await turnsUntil(() => proxy.stat("connection_limit.l.limited_connections") === 1);
  refused.resetAndDestroy();
  await turnsUntil(() => proxy.stat("listener.127.0.0.1_0.downstream_cx_active") === 1);
  assert.deepEqual(proxy.exceptions, []);
});

void test("runtime_enabled: false lets everybody in", async (t) => {
  const off = "max_connections: 1, runtime_enabled: { default_value: false, runtime_key: k }";
  const { connect, proxy } = await startTcpRig(t, limit(off));
  for (let i = 0; i < 3; i++) {
    const client = await connect();
    client.write("x");
    await readBytes(client, 1);
  }
  assert.equal(proxy.stat("connection_limit.l.limited_connections"), 0);
});

void test("runtime_enabled follows the runtime", async (t) => {
  const keyed = "max_connections: 1, runtime_enabled: { default_value: true, runtime_key: k }";
  const { connect, proxy } = await startTcpRig(t, limit(keyed));
  const first = await connect();
  first.write("1");
  await readBytes(first, 1);
  assert.equal((await readToEnd(await connect())).data.length, 0);
  proxy.modifyRuntime({ k: "false" });
  const client = await connect();
  client.write("x");
  assert.equal((await readBytes(client, 1)).toString(), "x");
  assert.equal(proxy.stat("connection_limit.l.limited_connections"), 1);
});
