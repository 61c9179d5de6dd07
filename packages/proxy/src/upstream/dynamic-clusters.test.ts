import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { FakeSubscriptions } from "../config/testing/fake-subscriptions.ts";
import type { StatsLimits } from "../observe/stats/memory.ts";
import { clusterYaml, httpBootstrap, ROUTER_FILTER } from "../testing/bootstrap.ts";
import { RawClient, startOrigin, type Origin, type OriginConnection } from "../testing/origin.ts";
import { startProxy, type TestProxy } from "../testing/proxy.ts";
import { ToldClusters } from "../testing/told-clusters.ts";

interface Rig {
  readonly proxy: TestProxy;
  readonly told: ToldClusters;
  readonly origin: Origin;
  client(): RawClient;
}

/** A proxy whose route leads to the cluster `c`, which there is none of yet; the origin says what it is. */
async function start(
  t: TestContext,
  answer?: (connection: OriginConnection) => void,
  limits?: StatsLimits,
): Promise<Rig> {
  const origin = await startOrigin(answer);
  t.after(() => origin.close());
  const subscriptions = new FakeSubscriptions();
  const proxy = await startProxy(
    "node: { id: proxy-1, cluster: test }\n" +
      httpBootstrap(`
          upgrade_configs: [{ upgrade_type: websocket }]
          http_filters: [${ROUTER_FILTER}]
          route_config:
            validate_clusters: false
            virtual_hosts:
            - { name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: c } }] }`),
    undefined,
    { subscriptions, ...(limits !== undefined && { limits }) },
  );
  const clients: RawClient[] = [];
  t.after(() => {
    for (const client of clients) client.close();
    proxy.close();
  });
  return {
    proxy,
    told: new ToldClusters(proxy, subscriptions),
    origin,
    client() {
      const client = new RawClient(proxy.port("main"));
      clients.push(client);
      return client;
    },
  };
}

/** Asks on the same connection again, and reads the response: of the origin, or a local reply. */
async function get(client: RawClient): Promise<string> {
  const before = client.received.length;
  client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  return (await client.until((received) => isWhole(received.slice(before)))).slice(before);
}

function isWhole(response: string): boolean {
  const head = response.indexOf("\r\n\r\n");
  const length = /^content-length: (\d+)/m.exec(response)?.[1] ?? "0";
  return head >= 0 && response.length >= head + 4 + Number(length);
}

function statusOf(response: string): string {
  return response.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
}

const REQUEST = "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n";
const RESPONSE = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nslow";

/** Answers `/slow` when the test says so. */
function slowly(): { answer: (connection: OriginConnection) => void; waiting: OriginConnection[] } {
  const waiting: OriginConnection[] = [];
  return {
    waiting,
    answer(connection) {
      const { received, socket } = connection;
      connection.received = "";
      if (received.startsWith("GET /slow")) waiting.push(connection);
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
    },
  };
}

/** Until the origin has so many requests that wait. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

void test("a cluster comes, changes what does not concern connections, and goes", async (t) => {
  const { proxy, told, origin, client } = await start(t);
  const one = client();
  assert.equal(statusOf(await get(one)), "503");
  const limits = (max: number): string =>
    `circuit_breakers: { thresholds: [{ max_requests: ${max} }] }`;
  assert.equal(told.set(clusterYaml("c", origin.port, limits(5))), "added");
  assert.equal(statusOf(await get(one)), "200");
  assert.equal(told.set(clusterYaml("c", origin.port, limits(5))), "unchanged");
  assert.equal(told.set(clusterYaml("c", origin.port, limits(6))), "modified");
  assert.equal(statusOf(await get(one)), "200");
  const policy = "lb_policy: RANDOM, connect_timeout: 3s, metadata: {}";
  assert.equal(told.set(clusterYaml("c", origin.port, policy)), "modified");
  assert.equal(statusOf(await get(one)), "200");
  assert.equal(origin.connections.length, 1, "all went over one connection");
  assert.equal(proxy.stat("cluster.c.upstream_cx_total"), 1);
  assert.equal(proxy.stat("cluster.c.upstream_rq_200"), 3);
  assert.equal(told.remove("c"), true);
  assert.equal(statusOf(await get(one)), "503");
  assert.equal(proxy.stat("cluster.c.upstream_cx_total"), undefined);
  assert.equal(proxy.stat("cluster.c.upstream_rq_200"), undefined);
});

void test("a change that concerns connections: requests under way end on theirs", async (t) => {
  const { answer, waiting } = slowly();
  const { proxy, told, origin, client } = await start(t, answer);
  told.set(clusterYaml("c", origin.port));
  const slow = client().send(REQUEST);
  await until(() => waiting.length === 1);
  const keepalive = "upstream_connection_options: { tcp_keepalive: { keepalive_time: 60 } }";
  assert.equal(told.set(clusterYaml("c", origin.port, keepalive)), "modified");
  assert.equal(statusOf(await get(client())), "200");
  assert.equal(origin.connections.length, 2);
  waiting[0]!.socket.write(RESPONSE);
  assert.match(await slow.until((received) => received.endsWith("slow")), /^HTTP\/1.1 200/);
  await until(() => proxy.stat("cluster.c.upstream_cx_active") === 1);
  assert.equal(proxy.stat("cluster.c.upstream_rq_active"), 0);
  assert.equal(proxy.stat("cluster.c.upstream_cx_destroy_with_active_rq"), 0);
});

void test("a cluster that goes: requests and WebSockets under way end well", async (t) => {
  const { answer, waiting } = slowly();
  const { told, origin, client } = await start(t, (connection) => {
    const { received, socket } = connection;
    if (received.includes("upgrade: websocket\r\n")) {
      connection.received = "";
      socket.write("HTTP/1.1 101 S\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
    } else if (received.startsWith("GET ")) answer(connection);
    else {
      connection.received = "";
      socket.write(`echo ${received}`);
    }
  });
  told.set(clusterYaml("c", origin.port));
  const slow = client().send(REQUEST);
  const socket = client().send(
    "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
  );
  await socket.until((received) => received.includes("101"));
  await until(() => waiting.length === 1);
  told.set(clusterYaml("c", origin.port, "http2_protocol_options: {}"));
  socket.send("one");
  await socket.until((received) => received.endsWith("echo one"));
  told.remove("c");
  socket.send("two");
  await socket.until((received) => received.endsWith("echo two"));
  waiting[0]!.socket.write(RESPONSE);
  assert.match(await slow.until((received) => received.endsWith("slow")), /^HTTP\/1.1 200/);
  assert.equal(statusOf(await get(client())), "503");
  socket.close();
  await until(() => origin.connections.every((each) => each.socket.destroyed));
});

void test("a TLS context that stays keeps its statistics, and goes with its cluster", async (t) => {
  const { proxy, told } = await start(t);
  const tls = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
  const socket = `transport_socket: { name: tls, typed_config: { "@type": ${tls} } }`;
  told.set(clusterYaml("c", 1, socket));
  assert.equal(told.set(clusterYaml("c", 1, `${socket}, connect_timeout: 3s`)), "modified");
  proxy.flushStats();
  proxy.flushStats();
  assert.equal(proxy.stat("cluster.c.ssl.handshake"), 0);
  told.remove("c");
  assert.equal(proxy.stat("cluster.c.ssl.handshake"), undefined);
});

const EDS = "{ name: c, type: EDS, eds_cluster_config: { eds_config: { ads: {} } } }";

function endpoints(...ports: readonly number[]): string {
  const each = ports.map(
    (port) =>
      `{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } } }`,
  );
  return `{ cluster_name: c, endpoints: [{ lb_endpoints: [${each.join(", ")}] }] }`;
}

void test("endpoints by EDS come and change under requests", async (t) => {
  const { answer, waiting } = slowly();
  const { told, origin, client } = await start(t, answer);
  const other = await startOrigin();
  t.after(() => other.close());
  assert.equal(told.set(EDS), "added");
  const one = client();
  assert.equal(statusOf(await get(one)), "503", "it waits for its endpoints");
  assert.deepEqual(told.setEndpoints("c", endpoints(origin.port)), []);
  assert.equal(statusOf(await get(one)), "200");
  const slow = client().send(REQUEST);
  await until(() => waiting.length === 1);
  assert.deepEqual(told.setEndpoints("c", endpoints(other.port)), []);
  assert.equal(statusOf(await get(one)), "200");
  assert.equal(other.connections.length, 1);
  waiting[0]!.socket.write(RESPONSE);
  assert.match(await slow.until((received) => received.endsWith("slow")), /^HTTP\/1.1 200/);
  told.setEndpoints("c", "{ cluster_name: c }");
  assert.match(await get(one), /no healthy upstream$/);
});

const COLLECTION = "xdstp://a/envoy.config.endpoint.v3.LbEndpoint/*";
const DELTA =
  "leds_config: { resource_api_version: V3, api_config_source: { api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: up } }] } }";

void test("endpoints that are refused, and why", async (t) => {
  const { told, origin, client } = await start(t);
  told.set(EDS);
  told.setEndpoints("c", endpoints(origin.port));
  const locality = (fields: string): string =>
    `{ cluster_name: c, endpoints: [{ lb_endpoints: [${fields}] }] }`;
  const socket = (fields: string): string =>
    locality(`{ endpoint: { address: { socket_address: { ${fields} } } } }`);
  for (const [yaml, reason] of [
    ["{ cluster_name: d }", /Unexpected EDS cluster \(expecting c\): d$/],
    [socket("address: a.example, port_value: 1"), /malformed IP address: a\.example\./],
    [socket("address: 127.0.0.1, named_port: http"), /names of ports are not resolved/],
    [locality("{ endpoint: {} }"), /address must be set/],
    ["{ cluster_name: c, endpoints: [{ priority: 129 }] }", /priority/],
    [
      "{ cluster_name: c, policy: { drop_overloads: [{ category: a }, { category: b }] } }",
      /one category at most/,
    ],
    [
      `{ cluster_name: c, endpoints: [{ leds_cluster_locality_config: { leds_collection_name: "${COLLECTION}" } }] }`,
      /leds_config: expected a config source/,
    ],
    [
      `{ cluster_name: c, endpoints: [{ leds_cluster_locality_config: { leds_collection_name: x, ${DELTA} } }] }`,
      /expected the name of a glob collection, .* got 'x'$/,
    ],
    [
      `{ cluster_name: c, endpoints: [{ leds_cluster_locality_config: { leds_collection_name: "${COLLECTION}", ${DELTA} }, lb_endpoints: [{ endpoint: { address: { pipe: { path: a } } } }] }] }`,
      /cannot include both LEDS .* and a list of endpoints$/,
    ],
    [
      `{ cluster_name: c, endpoints: [{ leds_cluster_locality_config: { leds_collection_name: "${COLLECTION}", leds_config: { resource_api_version: V3, ads: {} } } }] }`,
      /expected a source of the delta protocol/,
    ],
  ] as const) {
    const reasons = told.setEndpoints("c", yaml);
    assert.equal(reasons.length, 1, yaml);
    assert.match(reasons[0]!, reason);
  }
  assert.equal(statusOf(await get(client())), "200");
});

void test("1,000 clusters that served come and go in the room of some", async (t) => {
  const limits = {
    statsSlotsMax: 6000,
    statsDynamicSlotsMax: 100,
    statsHistogramsMax: 400,
    statsDynamicHistogramsMax: 10,
    statsHistogramWordsMax: 1 << 16,
  };
  const { proxy, told, origin, client } = await start(t, undefined, limits);
  const one = client();
  for (let i = 0; i < 1000; i++) {
    assert.equal(told.set(clusterYaml("c", origin.port, `alt_stat_name: c${i}`)), "added");
    if (i % 10 === 0) assert.equal(statusOf(await get(one)), "200");
    assert.equal(told.remove("c"), true);
    proxy.flushStats();
  }
  assert.deepEqual(proxy.exceptions, []);
});
