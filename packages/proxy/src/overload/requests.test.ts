import assert from "node:assert/strict";
import { connect } from "node:http2";
import { test } from "node:test";
import { startOrigin } from "../testing/origin.ts";
import {
  action,
  loadShedPoint,
  scaled,
  startOverloadRig,
  threshold,
} from "./testing/overload-rig.ts";

const OVERLOADED =
  /^HTTP\/1\.1 503 Service Unavailable\r\ncontent-length: 16\r\ncontent-type: text\/plain\r\n(?:date: [^\r]+\r\n)server: envoy\r\n\r\nenvoy overloaded$/;

for (const [kind, name, overload] of [
  [
    "the action",
    "overload.envoy.overload_actions.stop_accepting_requests.",
    action("stop_accepting_requests", threshold(0.9)),
  ],
  [
    "the load shed point",
    "overload.envoy.load_shed_points.http_connection_manager_decode_headers.",
    loadShedPoint("http_connection_manager_decode_headers", threshold(0.9)),
  ],
] as const) {
  void test(`${kind} refuses requests under pressure, and none before or after`, async (t) => {
    const rig = await startOverloadRig(t, { overload });
    const client = rig.client();
    assert.match(await rig.ask(client, "/", "hi"), /^HTTP\/1\.1 200 /);
    rig.press(0.95);
    assert.equal(rig.proxy.stat(`${name}scale_percent`), 100);
    assert.equal(rig.proxy.stat("overload.pressure.pressure"), 95);
    assert.match(await rig.ask(client, "/", "overloaded"), OVERLOADED);
    rig.press(0.5);
    assert.match(await rig.ask(client, "/", "hi"), /^HTTP\/1\.1 200 /, "on the same connection");
    assert.equal(rig.proxy.stat("http.in.downstream_rq_overload_close"), 1);
    assert.equal(rig.proxy.stat("http.in.downstream_rq_5xx"), 1);
    if (kind !== "the action") assert.equal(rig.proxy.stat(`${name}shed_load_count`), 1);
    else assert.equal(rig.proxy.stat(`${name}active`), 0);
    assert.deepEqual(rig.proxy.exceptions, []);
  });
}

void test("a scaled trigger refuses its share", async (t) => {
  const rig = await startOverloadRig(t, {
    overload: action("stop_accepting_requests", scaled(0.5, 0.9)),
  });
  const client = rig.client();
  rig.press(0.7);
  assert.equal(
    rig.proxy.stat("overload.envoy.overload_actions.stop_accepting_requests.scale_percent"),
    50,
  );
  assert.equal(rig.proxy.stat("overload.envoy.overload_actions.stop_accepting_requests.active"), 0);
  let refused = 0;
  for (let i = 0; i < 400; i++)
    if ((await rig.ask(client, "/", "hi", "overloaded")).includes(" 503 ")) refused++;
  // Chance is off by more than that once in 10^20 runs.
  assert.ok(refused > 100 && refused < 300, `${refused} of 400`);
  assert.equal(rig.proxy.stat("http.in.downstream_rq_overload_close"), refused);
});

void test("a call of gRPC is told in its own words", async (t) => {
  const rig = await startOverloadRig(t, {
    overload: action("stop_accepting_requests", threshold(0.9)),
  });
  rig.press(1);
  const client = rig.client();
  client.send(
    "POST /a HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc\r\ncontent-length: 0\r\n\r\n",
  );
  const text = await client.until((received) => received.endsWith("\r\n\r\n"));
  assert.match(
    text,
    /^HTTP\/1\.1 200 OK\r\n[^]*grpc-status: 14\r\ngrpc-message: envoy overloaded\r\n/,
  );
});

void test("keep-alive ends under pressure, in both versions of HTTP", async (t) => {
  const rig = await startOverloadRig(t, {
    overload: action("disable_http_keepalive", threshold(0.9)),
  });
  rig.press(1);
  assert.match(await rig.ask(rig.client(), "/", "hi"), /\r\nconnection: close\r\n/);
  const session = connect(`http://127.0.0.1:${rig.proxy.port("main")}`);
  t.after(() => session.destroy());
  const goAway = new Promise<void>((resolve) => session.once("goaway", () => resolve()));
  const status = new Promise((resolve) =>
    session.request({ ":path": "/" }).once("response", (headers) => resolve(headers[":status"])),
  );
  assert.equal(await status, 200);
  await goAway;
  assert.equal(rig.proxy.stat("http.in.downstream_cx_overload_disable_keepalive"), 2);
  assert.equal(rig.proxy.stat("http.in.downstream_cx_drain_close"), 2);
});

void test("the router refuses what would go to an upstream, and nothing else", async (t) => {
  const origin = await startOrigin();
  t.after(() => origin.close());
  const rig = await startOverloadRig(t, {
    overload: loadShedPoint("http_downstream_filter_check", threshold(0.9)),
    originPort: origin.port,
  });
  const client = rig.client();
  assert.match(await rig.ask(client, "/up", "hello"), /^HTTP\/1\.1 200 /);
  rig.press(1);
  assert.match(await rig.ask(client, "/", "hi"), /^HTTP\/1\.1 200 /);
  assert.match(await rig.ask(client, "/up", "overloaded"), OVERLOADED);
  assert.equal(rig.proxy.stat("http.in.rq_overload_local_reply"), 1);
  assert.equal(origin.connections.length, 1);
});

void test("no new upstream connection is made, and the one that is there is used", async (t) => {
  const origin = await startOrigin();
  t.after(() => origin.close());
  const rig = await startOverloadRig(t, {
    overload: loadShedPoint("connection_pool_new_connection", threshold(0.9)),
    originPort: origin.port,
  });
  rig.press(1);
  const first = await rig.ask(rig.client(), "/up", "overflow");
  assert.match(
    first,
    /^HTTP\/1\.1 503 [^]*x-envoy-overloaded: true\r\n[^]*reset reason: overflow$/,
  );
  assert.equal(origin.connections.length, 0);
  for (const [name, value] of [
    ["upstream_rq_pending_total", 1],
    ["upstream_rq_cancelled", 1],
    ["upstream_rq_pending_active", 0],
    ["upstream_rq_503", 1],
    ["upstream_cx_total", 0],
  ] as const)
    assert.equal(rig.proxy.stat(`cluster.origin.${name}`), value, name);
  rig.press(0);
  const client = rig.client();
  assert.match(await rig.ask(client, "/up", "hello"), /^HTTP\/1\.1 200 /);
  rig.press(1);
  assert.match(await rig.ask(client, "/up", "hello"), /^HTTP\/1\.1 200 /);
  assert.equal(origin.connections.length, 1);
});

void test("a listener may pass the overload manager by", async (t) => {
  const rig = await startOverloadRig(t, {
    overload: action("stop_accepting_requests", threshold(0.9)),
    listener: "    bypass_overload_manager: true",
  });
  rig.press(1);
  assert.match(await rig.ask(rig.client(), "/", "hi"), /^HTTP\/1\.1 200 /);
  assert.equal(rig.proxy.stat("overload.envoy.overload_actions.stop_accepting_requests.active"), 1);
});
