import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startControlPlane, startManagedProxy } from "../../testing/control-plane.ts";
import { RawClient } from "../../testing/origin.ts";
import type { TestProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";

const URL = "type.googleapis.com/envoy.extensions.filters";
const DIRECT = `${URL}.network.direct_response.v3.Config`;
const ECHO = `${URL}.network.echo.v3.Echo`;
const HCM = `${URL}.network.http_connection_manager.v3.HttpConnectionManager`;
const RATE_LIMIT = `${URL}.listener.local_ratelimit.v3.LocalRateLimit`;
const STATS = "extension_config_discovery";

function discovery(name: string, types: string, timeout = "15s"): string {
  return `{ name: ${name}, config_discovery: { config_source: { resource_api_version: V3, ads: {}, initial_fetch_timeout: ${timeout} }, type_urls: [${types}] } }`;
}

function listener(filter: string, listenerFilter = ""): string {
  return `
name: tcp
address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
stat_prefix: tcp
listener_filters: [${listenerFilter}]
filter_chains: [{ filters: [${filter}] }]`;
}

function extension(name: string, config: string): string {
  return `{ name: ${name}, typed_config: ${config} }`;
}

function answering(text: string): string {
  return `{ "@type": ${DIRECT}, response: { inline_string: "${text}" } }`;
}

const echo = `{ "@type": ${ECHO} }`;

function manager(statPrefix: string, body: string): string {
  const route = `{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: "${body}" } } }`;
  return `{ "@type": ${HCM}, stat_prefix: ${statPrefix}, route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [${route}] }] }, http_filters: [{ name: router, typed_config: { "@type": ${URL}.http.router.v3.Router } }] }`;
}

function connect(t: TestContext, proxy: TestProxy): RawClient {
  const client = new RawClient(proxy.port("tcp"));
  t.after(() => client.close());
  return client;
}

function say(client: RawClient, text: string): Promise<string> {
  client.received = "";
  return client.send(text).until((received) => received.includes(text));
}

async function get(client: RawClient): Promise<string> {
  client.received = "";
  client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await client.until((received) => received.endsWith("."));
  return client.received.split("\r\n\r\n")[1]!;
}

test("a network filter comes by ECDS; who is connected keeps what it has", async (t) => {
  const plane = await startControlPlane(t);
  const LDS = [listener(discovery("end", `${DIRECT}, ${ECHO}`))];
  plane.set({ LDS, ECDS: [extension("end", echo)] });
  const proxy = await startManagedProxy(t, plane, "DELTA_GRPC");
  const old = connect(t, proxy);
  assert.equal(await say(old, "one"), "one");
  plane.set({ LDS, ECDS: [extension("end", answering("bye"))] });
  await turnsUntil(() => proxy.stat(`${STATS}.network_filter.end.config_reload`) === 2);
  assert.equal(await say(old, "two"), "two");
  assert.equal(await connect(t, proxy).untilEnd(), "bye");
  assert.equal(await say(old, "three"), "three");
  assert.equal(proxy.stat("listener_manager.listener_modified"), 0);
});

test("without a network filter connections are closed, and counted", async (t) => {
  const plane = await startControlPlane(t);
  plane.set({ LDS: [listener(discovery("end", ECHO, "0.01s"))] });
  const proxy = await startManagedProxy(t, plane, "DELTA_GRPC");
  assert.equal(await connect(t, proxy).untilEnd(), "");
  assert.equal(proxy.stat("listener.tcp.network_extension_config_missing"), 1);
  assert.equal(proxy.stat("listener.tcp.downstream_cx_active"), 0);
});

test("a connection manager by ECDS: the next request on a connection goes by the new one", async (t) => {
  const plane = await startControlPlane(t);
  const LDS = [listener(discovery("http", HCM))];
  plane.set({ LDS, ECDS: [extension("http", manager("in", "one."))] });
  const proxy = await startManagedProxy(t, plane, "DELTA_GRPC");
  const client = connect(t, proxy);
  assert.equal(await get(client), "one.");
  plane.set({ LDS, ECDS: [extension("http", manager("in", "two."))] });
  await turnsUntil(() => proxy.stat(`${STATS}.network_filter.http.config_reload`) === 2);
  assert.equal(await get(client), "two.");
  // Where its statistics are belongs to a connection.
  plane.set({ LDS, ECDS: [extension("http", manager("other", "three."))] });
  await turnsUntil(() => proxy.stat(`${STATS}.network_filter.http.config_reload`) === 3);
  assert.deepEqual([await get(client), await get(connect(t, proxy))], ["two.", "three."]);
});

test("routes that a connection manager by ECDS needs come first", async (t) => {
  const plane = await startControlPlane(t);
  const LDS = [listener(discovery("http", HCM))];
  const rds = manager("in", "one.").replace(
    /route_config: .*(?=, http_filters)/,
    "rds: { route_config_name: r, config_source: { resource_api_version: V3, ads: {} } }",
  );
  plane.set({ LDS, ECDS: [extension("http", manager("in", "one."))] });
  const proxy = await startManagedProxy(t, plane, "DELTA_GRPC");
  const client = connect(t, proxy);
  plane.set({ LDS, ECDS: [extension("http", rds)] });
  await turnsUntil(() => proxy.stat("http.in.rds.r.update_attempt") === 1);
  assert.equal(await get(client), "one.");
  const route = `{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: "two." } } }`;
  const RDS = [`{ name: r, virtual_hosts: [{ name: all, domains: ["*"], routes: [${route}] }] }`];
  plane.set({ LDS, ECDS: [extension("http", rds)], RDS });
  await turnsUntil(() => proxy.stat("http.in.rds.r.config_reload") === 1);
  assert.equal(await get(client), "two.");
});

test("a listener filter comes by ECDS, changes, and goes", async (t) => {
  const plane = await startControlPlane(t);
  const filter = `{ name: end, typed_config: ${echo} }`;
  const LDS = [listener(filter, discovery("limit", RATE_LIMIT))];
  const limit = (tokens: number): string =>
    extension(
      "limit",
      `{ "@type": ${RATE_LIMIT}, stat_prefix: limit, token_bucket: { max_tokens: ${tokens}, fill_interval: 3600s } }`,
    );
  plane.set({ LDS, ECDS: [limit(1)] });
  const proxy = await startManagedProxy(t, plane, "DELTA_GRPC");
  const client = connect(t, proxy);
  assert.equal(await say(client, "one"), "one");
  assert.equal(await connect(t, proxy).untilEnd(), "");
  plane.set({ LDS, ECDS: [limit(1000)] });
  await turnsUntil(() => proxy.stat(`${STATS}.tcp_listener_filter.limit.config_reload`) === 2);
  assert.equal(await say(connect(t, proxy), "two"), "two");
  plane.set({ LDS });
  await turnsUntil(() => proxy.stat(`${STATS}.tcp_listener_filter.limit.update_success`) === 3);
  assert.equal(await connect(t, proxy).untilEnd(), "");
  assert.equal(proxy.stat("listener.tcp.extension_config_missing"), 1);
  assert.equal(await say(client, "three"), "three");
});
