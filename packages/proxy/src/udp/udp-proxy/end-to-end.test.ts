import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { testAccessLog } from "../../testing/access-log.ts";
import { turns, turnsUntil } from "../../testing/turns.ts";
import {
  clusterAt,
  clusterOf,
  routeAction,
  routeTo,
  startEcho,
  startUdpRig,
  udpListener,
  UdpPeer,
  udpProxy,
  unusedPort,
  type UdpRig,
} from "../testing/udp-rig.ts";

const WAIT = { timeout: 20_000 };
const INPUTS = "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3";

/** A proxy of everything to the cluster `c`; `fields` of the UDP proxy. */
async function rigTo(
  t: TestContext,
  ports: readonly number[],
  fields = "",
  cluster = "",
): Promise<UdpRig> {
  const listener = udpListener(udpProxy(`${routeTo("c")}${fields && `, ${fields}`}`));
  return startUdpRig(t, listener, [clusterAt("c", ports, cluster)]);
}

function stats(rig: UdpRig, ...names: readonly string[]): (number | undefined)[] {
  return names.map((name) => rig.proxy.stat(name));
}

void test(
  "datagrams of a client go to one host over one session, and answers come back",
  WAIT,
  async (t) => {
    const echo = await startEcho(t, "> ");
    const rig = await rigTo(t, [echo.port]);
    const client = await UdpPeer.open(t);
    assert.equal(await client.ask("one", rig.port), "> one");
    assert.equal(await client.ask("", rig.port), "> ");
    assert.equal(client.from[0]!.port, rig.port);
    assert.equal(echo.from[0]!.port, echo.from[1]!.port);
    assert.deepEqual(
      stats(
        rig,
        "udp.t.downstream_sess_total",
        "udp.t.downstream_sess_active",
        "udp.t.downstream_sess_rx_datagrams",
        "udp.t.downstream_sess_rx_bytes",
        "udp.t.downstream_sess_tx_datagrams",
        "udp.t.downstream_sess_tx_bytes",
        "cluster.c.udp.sess_tx_datagrams",
        "cluster.c.udp.sess_rx_datagrams",
        "cluster.c.upstream_cx_tx_bytes_total",
        "cluster.c.upstream_cx_rx_bytes_total",
      ),
      [1, 1, 2, 3, 2, 7, 2, 2, 3, 7],
    );
  },
);

void test("each client has a session of its own", WAIT, async (t) => {
  const echo = await startEcho(t);
  const rig = await rigTo(t, [echo.port]);
  const clients = await Promise.all([UdpPeer.open(t), UdpPeer.open(t), UdpPeer.open(t)]);
  const answers = await Promise.all(clients.map((each, i) => each.ask(`to ${i}`, rig.port)));
  assert.deepEqual(answers, ["to 0", "to 1", "to 2"]);
  assert.equal(new Set(echo.from.map(({ port }) => port)).size, 3);
  assert.equal(rig.proxy.stat("udp.t.downstream_sess_active"), 3);
});

void test("without a cluster, or a host, a datagram is dropped", WAIT, async (t) => {
  const rig = await rigTo(t, []);
  const client = await UdpPeer.open(t);
  client.socket.send("x", rig.port, "127.0.0.1");
  await turnsUntil(() => rig.proxy.stat("cluster.c.upstream_cx_none_healthy") === 1);
  rig.told.remove("c");
  client.socket.send("y", rig.port, "127.0.0.1");
  await turnsUntil(() => rig.proxy.stat("udp.t.downstream_sess_no_route") === 1);
  assert.equal(rig.proxy.stat("udp.t.downstream_sess_total"), 0);
});

void test("max_connections is the limit of sessions", WAIT, async (t) => {
  const echo = await startEcho(t);
  const breakers = "circuit_breakers: { thresholds: [{ max_connections: 1 }] }";
  const rig = await rigTo(t, [echo.port], "", breakers);
  const [first, second] = await Promise.all([UdpPeer.open(t), UdpPeer.open(t)]);
  await first.ask("x", rig.port);
  second.socket.send("y", rig.port, "127.0.0.1");
  await turnsUntil(() => rig.proxy.stat("cluster.c.upstream_cx_overflow") === 1);
  assert.deepEqual(
    stats(rig, "udp.t.downstream_sess_total", "udp.t.downstream_sess_active"),
    [2, 1],
  );
  assert.equal(await first.ask("z", rig.port), "z");
});

void test(
  "a session ends when nothing came for idle_timeout, and gives its place back",
  WAIT,
  async (t) => {
    const echo = await startEcho(t);
    const breakers = "circuit_breakers: { thresholds: [{ max_connections: 1 }] }";
    const rig = await rigTo(t, [echo.port], "idle_timeout: 0.05s", breakers);
    const [first, second] = await Promise.all([UdpPeer.open(t), UdpPeer.open(t)]);
    await first.ask("x", rig.port);
    await turnsUntil(() => rig.proxy.stat("udp.t.idle_timeout") === 1);
    assert.equal(rig.proxy.stat("udp.t.downstream_sess_active"), 0);
    assert.equal(await second.ask("y", rig.port), "y");
    assert.notEqual(echo.from[0]!.port, echo.from[1]!.port);
  },
);

void test("what the kernel says of a host that is not there is counted", WAIT, async (t) => {
  const rig = await rigTo(t, [await unusedPort()]);
  const client = await UdpPeer.open(t);
  client.socket.send("x", rig.port, "127.0.0.1");
  await turnsUntil(() => rig.proxy.stat("cluster.c.udp.sess_rx_errors") === 1);
  assert.equal(rig.proxy.stat("cluster.c.udp.sess_tx_datagrams"), 1);
});

void test("datagrams above the limit of a side are dropped there", WAIT, async (t) => {
  const echo = await startEcho(t);
  const proxy = udpProxy(
    `${routeTo("c")}, upstream_socket_config: { max_rx_datagram_size: 20, prefer_gro: false }`,
  );
  const limit = "udp_listener_config: { downstream_socket_config: { max_rx_datagram_size: 30 } }";
  const rig = await startUdpRig(t, udpListener(proxy, limit), [clusterAt("c", [echo.port])]);
  const client = await UdpPeer.open(t);
  for (const bytes of [31, 30, 21]) client.socket.send("x".repeat(bytes), rig.port, "127.0.0.1");
  assert.equal(await client.ask("y".repeat(20), rig.port), "y".repeat(20));
  assert.deepEqual(
    stats(
      rig,
      `listener.127.0.0.1_0.udp.downstream_rx_datagram_dropped`,
      "cluster.c.udp.sess_rx_datagrams_dropped",
      "udp.t.downstream_sess_rx_datagrams",
    ),
    [1, 2, 3],
  );
});

void test("hosts come by the weight of their localities", WAIT, async (t) => {
  const [heavy, light] = await Promise.all([startEcho(t), startEcho(t)]);
  const localities = [
    { weight: 9, ports: [heavy.port] },
    { weight: 1, ports: [light.port] },
  ];
  const more = "common_lb_config: { locality_weighted_lb_config: {} }";
  const listener = udpListener(udpProxy(`${routeTo("c")}, use_per_packet_load_balancing: true`));
  const rig = await startUdpRig(t, listener, [clusterOf("c", localities, more)]);
  const client = await UdpPeer.open(t);
  for (let i = 0; i < 100; i++) await client.ask("x", rig.port);
  assert.deepEqual([heavy.received.length, light.received.length], [90, 10]);
  assert.equal(rig.proxy.stat("udp.t.downstream_sess_active"), 2, "a session for each host");
});

void test("with a hash policy all that an address sends goes to one host", WAIT, async (t) => {
  const hosts = await Promise.all(Array.from({ length: 8 }, () => startEcho(t)));
  const ports = hosts.map(({ port }) => port);
  const rig = await rigTo(t, ports, "hash_policies: [{ source_ip: true }]", "lb_policy: RING_HASH");
  for (let i = 0; i < 8; i++) await (await UdpPeer.open(t)).ask("x", rig.port);
  assert.deepEqual(
    hosts.map(({ received }) => received.length).filter((count) => count > 0),
    [8],
  );
});

void test("a matcher chooses the cluster by where a datagram comes from", WAIT, async (t) => {
  const [a, b] = await Promise.all([startEcho(t, "a"), startEcho(t, "b")]);
  const [first, second, third] = await Promise.all([
    UdpPeer.open(t),
    UdpPeer.open(t),
    UdpPeer.open(t),
  ]);
  const input = `{ name: port, typed_config: { "@type": ${INPUTS}.SourcePortInput } }`;
  const to = (port: number, cluster: string): string =>
    `"${port}": { action: ${routeAction(cluster)} }`;
  const map = `{ ${to(first.port, "a")}, ${to(second.port, "b")} }`;
  const matcher = `matcher: { matcher_tree: { input: ${input}, exact_match_map: { map: ${map} } } }`;
  const clusters = [clusterAt("a", [a.port]), clusterAt("b", [b.port])];
  const rig = await startUdpRig(t, udpListener(udpProxy(matcher)), clusters);
  assert.equal(await first.ask("x", rig.port), "ax");
  assert.equal(await second.ask("x", rig.port), "bx");
  third.socket.send("x", rig.port, "127.0.0.1");
  await turnsUntil(() => rig.proxy.stat("udp.t.downstream_sess_no_route") === 1);
});

/** The way to express weights: the port of the client decides. `key` of the runtime. */
function shareOf(percent: number, cluster: string, rest: string): string {
  const fraction = `{ default_value: { numerator: ${percent} }, runtime_key: udp.share }`;
  const share = `{ name: share, typed_config: { "@type": type.googleapis.com/envoy.extensions.matching.input_matchers.runtime_fraction.v3.RuntimeFraction, runtime_fraction: ${fraction}, seed: 1 } }`;
  const input = `{ name: port, typed_config: { "@type": ${INPUTS}.SourcePortInput } }`;
  const predicate = `{ single_predicate: { input: ${input}, custom_match: ${share} } }`;
  const matcher = `{ predicate: ${predicate}, on_match: { action: ${routeAction(cluster)} } }`;
  return `matcher: { matcher_list: { matchers: [${matcher}] }, on_no_match: { action: ${routeAction(rest)} } }`;
}

void test("shares of clients go to different clusters, and follow the runtime", WAIT, async (t) => {
  const [a, b] = await Promise.all([startEcho(t, "a"), startEcho(t, "b")]);
  const clusters = [clusterAt("a", [a.port]), clusterAt("b", [b.port])];
  const rig = await startUdpRig(t, udpListener(udpProxy(shareOf(50, "a", "b"))), clusters);
  const clients = await Promise.all(Array.from({ length: 40 }, () => UdpPeer.open(t)));
  const ask = (): Promise<string[]> =>
    Promise.all(clients.map((client) => client.ask("", rig.port)));
  const first = await ask();
  assert.deepEqual(new Set(first), new Set(["a", "b"]));
  assert.deepEqual(await ask(), first);
  rig.proxy.modifyRuntime({ "udp.share": "0" });
  assert.deepEqual(new Set(await ask()), new Set(["b"]));
  assert.equal(rig.proxy.stat("udp.t.downstream_sess_active"), 40);
  rig.proxy.modifyRuntime({ "udp.share": "50" });
  assert.deepEqual(await ask(), first);
});

void test(
  "a session ends with its host, and the next datagram goes to another one",
  WAIT,
  async (t) => {
    const [a, b] = await Promise.all([startEcho(t, "a"), startEcho(t, "b")]);
    const rig = await rigTo(t, [a.port]);
    const client = await UdpPeer.open(t);
    assert.equal(await client.ask("x", rig.port), "ax");
    rig.told.set(clusterAt("c", [b.port]));
    assert.equal(rig.proxy.stat("udp.t.downstream_sess_active"), 0);
    assert.equal(await client.ask("x", rig.port), "bx");
    rig.told.remove("c");
    assert.equal(rig.proxy.stat("udp.t.downstream_sess_active"), 0);
  },
);

void test(
  "a session leaves a host that became unhealthy, if there is another one",
  WAIT,
  async (t) => {
    const [a, b] = await Promise.all([startEcho(t, "a"), startEcho(t, "b")]);
    const hosts = (health: string, ports: readonly number[]): string =>
      clusterAt("c", ports).replace("} } } }", `} } }, health_status: ${health} }`);
    const rig = await rigTo(t, [a.port]);
    const client = await UdpPeer.open(t);
    assert.equal(await client.ask("x", rig.port), "ax");
    rig.told.set(hosts("UNHEALTHY", [a.port]));
    assert.equal(await client.ask("x", rig.port), "ax", "there is no better one");
    rig.told.set(hosts("UNHEALTHY", [a.port, b.port]));
    assert.equal(await client.ask("x", rig.port), "bx");
    assert.equal(rig.proxy.stat("udp.t.downstream_sess_active"), 1);
  },
);

void test("sessions write a line when they end, and in between", WAIT, async (t) => {
  const echo = await startEcho(t, "> ");
  const log = testAccessLog(
    t,
    "%ACCESS_LOG_TYPE% %RESPONSE_FLAGS% %DYNAMIC_METADATA(udp.proxy.session)% %DOWNSTREAM_REMOTE_ADDRESS% %UPSTREAM_HOST% %UPSTREAM_CLUSTER%",
  );
  const interval = "access_log_options: { access_log_flush_interval: 0.05s }";
  const breakers = "circuit_breakers: { thresholds: [{ max_connections: 1 }] }";
  const fields = `idle_timeout: 0.08s, ${interval}, ${log.yaml}`;
  const rig = await rigTo(t, [echo.port], fields, breakers);
  const [client, other] = await Promise.all([UdpPeer.open(t), UdpPeer.open(t)]);
  await client.ask("one", rig.port);
  other.socket.send("x", rig.port, "127.0.0.1");
  await turnsUntil(() => rig.proxy.stat("udp.t.idle_timeout") === 1);
  rig.proxy.close();
  const counts = (rx: number, tx: number, datagrams: number): string =>
    `{"bytes_received":${rx},"bytes_sent":${tx},"cluster_name":"c","datagrams_received":${datagrams},"datagrams_sent":${datagrams},"errors_sent":0}`;
  const ends = `127.0.0.1:${client.port} 127.0.0.1:${echo.port} -`;
  assert.deepEqual(log.lines(), [
    `UdpSessionEnd UO ${counts(0, 0, 0)} 127.0.0.1:${other.port} - -`,
    `UdpPeriodic - ${counts(3, 5, 1)} ${ends}`,
    `UdpSessionEnd - ${counts(3, 5, 1)} ${ends}`,
  ]);
});

void test("a proxy writes a line when it ends", WAIT, async (t) => {
  const echo = await startEcho(t);
  const log = testAccessLog(t, "%ACCESS_LOG_TYPE% %DYNAMIC_METADATA(udp.proxy.proxy)%");
  const rig = await rigTo(t, [echo.port], `proxy_${log.yaml}`);
  await (await UdpPeer.open(t)).ask("one", rig.port);
  rig.proxy.close();
  assert.deepEqual(log.lines(), [
    'NotSet {"bytes_received":3,"bytes_sent":3,"datagrams_received":1,"datagrams_sent":1,"errors_received":0,"errors_sent":0,"idle_timeout":0,"no_route":0,"session_total":1}',
  ]);
});

void test("an answer that comes behind the end of its session is nobody's", WAIT, async (t) => {
  const silent = await UdpPeer.open(t);
  const rig = await rigTo(t, [silent.port], "idle_timeout: 0.05s");
  const client = await UdpPeer.open(t);
  client.socket.send("x", rig.port, "127.0.0.1");
  await silent.next(0);
  await turnsUntil(() => rig.proxy.stat("udp.t.idle_timeout") === 1);
  silent.socket.send("late", silent.from[0]!.port, "127.0.0.1");
  await turns(10);
  assert.deepEqual(client.received, []);
  assert.deepEqual(rig.proxy.exceptions, []);
});
