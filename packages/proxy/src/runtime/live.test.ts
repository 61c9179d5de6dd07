import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startHttpRig, type HttpRig } from "../testing/http-rig.ts";
import { readToEnd, startTcpRig, filter, readBytes } from "../testing/tcp-rig.ts";
import { turnsUntil } from "../testing/turns.ts";

const GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/** The head of the answer to one request on a connection of its own. */
async function answer(rig: HttpRig): Promise<string> {
  const client = rig.client();
  client.send(GET);
  const text = await client.until((received) => received.includes("\r\n\r\n"));
  client.close();
  return text;
}

async function status(rig: HttpRig): Promise<string> {
  return (await answer(rig)).slice(9, 12);
}

async function rigOf(t: TestContext, route: string): Promise<HttpRig> {
  return startHttpRig(t, { route });
}

void test("a route comes and goes with the runtime, on connections that were there before", async (t) => {
  const match =
    "prefix: /, runtime_fraction: { default_value: { numerator: 0 }, runtime_key: r.f }";
  const rig = await startHttpRig(t, { match });
  const client = rig.client();
  const seen: string[] = [];
  for (const value of ["", "100", "0", "{numerator: 1000000, denominator: MILLION}", ""]) {
    rig.proxy.modifyRuntime({ "r.f": value });
    client.received = "";
    client.send(GET);
    const text = await client.until((received) => /\r\n\r\n(?:hello)?$/.test(received));
    seen.push(text.slice(9, 12));
  }
  assert.deepEqual(seen, ["404", "200", "404", "200", "404"]);
});

void test("circuit breakers follow the runtime", async (t) => {
  const rig = await rigOf(t, "");
  rig.proxy.modifyRuntime({ "circuit_breakers.origin.default.max_requests": "0" });
  assert.equal(await status(rig), "503");
  assert.equal(rig.proxy.stat("cluster.origin.upstream_rq_active_overflow"), 1);
  rig.proxy.modifyRuntime({ "circuit_breakers.origin.default.max_requests": "" });
  assert.equal(await status(rig), "200");
});

void test("maintenance mode keeps requests from a cluster", async (t) => {
  const rig = await rigOf(t, "");
  rig.proxy.modifyRuntime({ "upstream.maintenance_mode.origin": "100" });
  const head = await answer(rig);
  assert.match(head, /^HTTP\/1\.1 503 /);
  assert.match(head, /\r\nx-envoy-overloaded: true\r\n/);
  assert.equal(rig.proxy.stat("cluster.origin.upstream_rq_maintenance_mode"), 1);
  assert.equal(rig.proxy.stat("cluster.origin.upstream_rq_503"), 1);
  rig.proxy.modifyRuntime({ "upstream.maintenance_mode.origin": "0" });
  assert.equal(await status(rig), "200");
});

void test("mirrors follow the runtime", async (t) => {
  const fraction = "runtime_fraction: { default_value: { numerator: 0 }, runtime_key: m }";
  const rig = await rigOf(t, `, request_mirror_policies: [{ cluster: origin, ${fraction} }]`);
  const total = (): number | undefined => rig.proxy.stat("cluster.origin.upstream_rq_total");
  assert.equal(await status(rig), "200");
  assert.equal(total(), 1);
  rig.proxy.modifyRuntime({ m: "100" });
  assert.equal(await status(rig), "200");
  await turnsUntil(() => total() === 3);
});

void test("the runtime limits the connections of a listener", async (t) => {
  const { connect, proxy } = await startTcpRig(t, `[${filter("echo.v3.Echo", "")}]`);
  const key = "envoy.resource_limits.listener.main.connection_limit";
  const first = await connect();
  first.write("1");
  await readBytes(first, 1);
  proxy.modifyRuntime({ [key]: "1" });
  assert.equal((await readToEnd(await connect())).data.length, 0);
  assert.equal(proxy.stat("listener.127.0.0.1_0.downstream_cx_overflow"), 1);
  first.destroy();
  await turnsUntil(() => proxy.stat("listener.127.0.0.1_0.downstream_cx_active") === 0);
  const second = await connect();
  second.write("2");
  assert.equal((await readBytes(second, 1)).toString(), "2");
});

void test("what the runtime says when the proxy starts is heard from the first request on", async (t) => {
  const rig = await startHttpRig(t, {
    hcm: "",
    cluster: "connect_timeout: 1s",
  });
  rig.proxy.modifyRuntime({ "http.max_requests_per_io_cycle": "0" });
  assert.equal(await status(rig), "200");
});
