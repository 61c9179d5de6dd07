import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterYaml } from "../testing/bootstrap.ts";
import type { RawClient } from "../testing/origin.ts";
import { filter, startTcpServer } from "../testing/tcp-rig.ts";
import { turns, turnsUntil } from "../testing/turns.ts";
import {
  action,
  loadShedPoint,
  startOverloadRig,
  threshold,
  type OverloadRig,
} from "./testing/overload-rig.ts";

const LISTENER = "listener.127.0.0.1_0.";

for (const [name, overload] of [
  ["reject_incoming_connections", action("reject_incoming_connections", threshold(0.9))],
  ["tcp_listener_accept", loadShedPoint("tcp_listener_accept", threshold(0.9))],
] as const) {
  void test(`${name} closes new connections under pressure and leaves old ones alone`, async (t) => {
    const rig = await startOverloadRig(t, { overload });
    const old = rig.client();
    assert.match(await rig.ask(old, "/", "hi"), /^HTTP\/1\.1 200 /);
    rig.press(1);
    assert.equal(await rig.client().untilEnd(), "");
    assert.match(await rig.ask(old, "/", "hi"), /^HTTP\/1\.1 200 /);
    assert.equal(rig.proxy.stat(`${LISTENER}downstream_cx_overload_reject`), 1);
    assert.equal(rig.proxy.stat(`${LISTENER}downstream_cx_total`), 1);
    rig.press(0);
    assert.match(await rig.ask(rig.client(), "/", "hi"), /^HTTP\/1\.1 200 /);
  });
}

void test("connections wait while none is accepted, as many as the backlog, and are served afterwards", async (t) => {
  const rig = await startOverloadRig(t, {
    overload: action("stop_accepting_connections", threshold(0.9)),
    listener: "    tcp_backlog_size: 2",
  });
  rig.press(1);
  const waiting = [rig.client(), rig.client()];
  for (const client of waiting) client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await turns(20);
  assert.equal(await rig.client().untilEnd(), "", "the queue is full");
  assert.equal(rig.proxy.stat(`${LISTENER}downstream_cx_overload_reject`), 1);
  assert.equal(rig.proxy.stat(`${LISTENER}downstream_cx_total`), 0);
  assert.deepEqual(
    waiting.map(({ received, ended }) => [received, ended]),
    [
      ["", false],
      ["", false],
    ],
  );
  rig.press(0.8);
  for (const client of waiting)
    assert.match(await client.until((text) => text.endsWith("hi")), /^HTTP\/1\.1 200 /);
  assert.equal(rig.proxy.stat(`${LISTENER}downstream_cx_total`), 2);
});

const LIMIT =
  ', { name: envoy.resource_monitors.global_downstream_max_connections, typed_config: { "@type": type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig, max_active_downstream_connections: 2 } }';
const LIMIT_STATS = "overload.envoy.resource_monitors.global_downstream_max_connections.";

async function served(rig: OverloadRig, client: RawClient): Promise<boolean> {
  return (await rig.ask(client, "/", "hi")).endsWith("hi");
}

void test("there are no more connections than their limit, and a place is free when one ends", async (t) => {
  const rig = await startOverloadRig(t, { overload: "actions: []", monitors: LIMIT });
  const first = rig.client();
  assert.equal(await served(rig, first), true);
  assert.equal(await served(rig, rig.client()), true);
  assert.equal(await rig.client().untilEnd(), "");
  assert.equal(rig.proxy.stat(`${LISTENER}downstream_global_cx_overflow`), 1);
  assert.equal(rig.proxy.stat(`${LIMIT_STATS}failed_updates`), 1);
  assert.equal(rig.proxy.stat(`${LIMIT_STATS}pressure`), 0);
  first.close();
  await turnsUntil(() => rig.proxy.stat(`${LISTENER}downstream_cx_active`) === 1);
  assert.equal(await served(rig, rig.client()), true);
});

void test("a listener may ignore the limit", async (t) => {
  const rig = await startOverloadRig(t, {
    overload: "actions: []",
    monitors: LIMIT,
    listener: "    ignore_global_conn_limit: true",
  });
  for (let i = 0; i < 4; i++) assert.equal(await served(rig, rig.client()), true);
});

async function tcpRig(
  t: Parameters<typeof startTcpServer>[0],
  point: string,
): Promise<{
  rig: OverloadRig;
  server: Awaited<ReturnType<typeof startTcpServer>>;
}> {
  const server = await startTcpServer(t);
  const proxyFilter = filter("tcp_proxy.v3.TcpProxy", "stat_prefix: tcp, cluster: echo");
  const rig = await startOverloadRig(t, {
    overload: loadShedPoint(point, threshold(0.9)),
    bootstrap: `
static_resources:
  listeners:
  - name: main
    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains: [{ filters: [${proxyFilter}] }]
  clusters: [${clusterYaml("echo", server.port)}]`,
  });
  return { rig, server };
}

void test("a TCP proxy ends a connection that sends under pressure", async (t) => {
  const { rig, server } = await tcpRig(t, "tcp_proxy_on_data");
  const client = rig.client();
  client.send("a");
  const upstream = await server.accept();
  upstream.on("data", () => upstream.write("b"));
  assert.equal(await client.until((text) => text === "b"), "b");
  rig.press(1);
  client.send("c");
  await client.untilEnd();
  assert.equal(rig.proxy.stat("tcp.tcp.downstream_cx_overload_close"), 1);
});

for (const [point, stats] of [
  ["tcp_proxy_upstream_connect", { "tcp.tcp.downstream_cx_overload_close": 1 }],
  [
    "connection_pool_new_connection",
    {
      "tcp.tcp.downstream_cx_overload_close": 0,
      "cluster.echo.upstream_rq_pending_total": 1,
      "cluster.echo.upstream_rq_cancelled": 1,
      "cluster.echo.upstream_cx_connect_attempts_exceeded": 1,
    },
  ],
] as const) {
  void test(`a TCP proxy makes no upstream connection at ${point}`, async (t) => {
    const { rig, server } = await tcpRig(t, point);
    rig.press(1);
    await rig.client().untilEnd();
    assert.equal(server.sockets.length, 0);
    for (const [name, value] of Object.entries(stats))
      assert.equal(rig.proxy.stat(name), value, name);
    rig.press(0);
    rig.client().send("a");
    await server.accept();
  });
}
