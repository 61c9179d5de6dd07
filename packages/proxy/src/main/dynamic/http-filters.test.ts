import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startControlPlane, startManagedProxy } from "../../testing/control-plane.ts";
import { RawClient, startOrigin } from "../../testing/origin.ts";
import type { TestProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";

const URL = "type.googleapis.com/envoy.extensions.filters";
const MUTATION = `${URL}.http.header_mutation.v3.HeaderMutation`;
const GRPC_STATS = `${URL}.http.grpc_stats.v3.FilterConfig`;
const ROUTER = `${URL}.http.router.v3.Router`;
const STATS = "extension_config_discovery.http_filter.mark";

/** How a filter comes by ECDS; `more`: further fields of its discovery. */
function discovery(name: string, type: string, more = ""): string {
  return `{ name: ${name}, config_discovery: { config_source: { resource_api_version: V3, ads: {} }, type_urls: [${type}]${more} } }`;
}

const router = `{ name: router, typed_config: { "@type": ${ROUTER} } }`;

function listener(filters: readonly string[], name = "web", fields = ""): string {
  const route = `{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: "ok." } } }`;
  return `
name: ${name}
address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
filter_chains:
- filters:
  - name: http
    typed_config:
      "@type": ${URL}.network.http_connection_manager.v3.HttpConnectionManager
      stat_prefix: in
      route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [${route}]${fields} }] }
      http_filters: [${filters.join(", ")}]`;
}

/** The body of a filter that adds a response header. */
function marking(value: string): string {
  return `{ "@type": ${MUTATION}, mutations: { response_mutations: [{ append: { header: { key: mark, value: ${value} } } }] } }`;
}

function extension(name: string, config: string): string {
  return `{ name: ${name}, typed_config: ${config} }`;
}

function connect(t: TestContext, proxy: TestProxy, name = "web"): RawClient {
  const client = new RawClient(proxy.port(name));
  t.after(() => client.socket.destroy());
  return client;
}

/** The response's code, and what the filter says. */
async function ask(client: RawClient): Promise<string> {
  client.received = "";
  client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await client.until(() => /\r\n\r\nok\.$|content-length: 0[^]*\r\n\r\n$/.test(client.received));
  const mark = /\r\nmark: (.*)\r\n/.exec(client.received)?.[1] ?? "unmarked";
  return `${client.received.slice(9, 12)} ${mark}`;
}

for (const type of ["GRPC", "DELTA_GRPC"] as const) {
  test(`${type}: a filter comes by ECDS, and a new one reaches the connections that are there`, async (t) => {
    const plane = await startControlPlane(t);
    const LDS = [listener([discovery("mark", MUTATION), router])];
    plane.set({ LDS, ECDS: [extension("mark", marking("one"))] });
    const proxy = await startManagedProxy(t, plane, type);
    const client = connect(t, proxy);
    assert.equal(await ask(client), "200 one");
    plane.set({ LDS, ECDS: [extension("mark", marking("two"))] });
    await turnsUntil(() => proxy.stat(`${STATS}.config_reload`) === 2);
    assert.equal(await ask(client), "200 two");
    assert.equal(proxy.stat(`${STATS}.update_success`), 2);
    assert.equal(proxy.stat("listener_manager.listener_modified"), 0);
    assert.equal(proxy.stat("http.in.downstream_cx_total"), 1);
  });

  test(`${type}: a listener waits for its filter, and says so`, async (t) => {
    const plane = await startControlPlane(t);
    plane.set({ LDS: [listener([router])] });
    const proxy = await startManagedProxy(t, plane, type);
    const LDS = [listener([router]), listener([discovery("mark", MUTATION), router], "late")];
    plane.set({ LDS });
    await turnsUntil(() => waitsFor(proxy, "late") !== null);
    assert.equal(waitsFor(proxy, "late"), "filter 'mark'");
    assert.deepEqual(proxy.ports("late"), []);
    plane.set({ LDS, ECDS: [extension("mark", marking("one"))] });
    await turnsUntil(() => proxy.ports("late").length > 0);
    assert.equal(await ask(connect(t, proxy, "late")), "200 one");
    assert.equal(waitsFor(proxy, "late"), null);
  });

  test(`${type}: what is refused leaves the filter as it is, with Envoy's reason`, async (t) => {
    const plane = await startControlPlane(t);
    const LDS = [listener([discovery("mark", MUTATION), router])];
    plane.set({ LDS, ECDS: [extension("mark", marking("one"))] });
    const proxy = await startManagedProxy(t, plane, type);
    const client = connect(t, proxy);
    plane.set({ LDS, ECDS: [extension("mark", `{ "@type": ${GRPC_STATS} }`)] });
    await turnsUntil(() => proxy.stat(`${STATS}.update_rejected`) === 1);
    assert.equal(await ask(client), "200 one");
    assert.equal(proxy.stat(`${STATS}.config_fail`), 1);
    assert.match(
      errorOf(proxy, "mark"),
      /Error: filter config has type URL \S+grpc_stats.v3.FilterConfig but expect \S+HeaderMutation\./,
    );
  });

  test(`${type}: a default filter serves while there is no other one`, async (t) => {
    const plane = await startControlPlane(t);
    const more = `, default_config: ${marking("default")}, apply_default_config_without_warming: true`;
    const LDS = [listener([discovery("mark", MUTATION, more), router])];
    plane.set({ LDS });
    const proxy = await startManagedProxy(t, plane, type);
    const client = connect(t, proxy);
    assert.equal(await ask(client), "200 default");
    plane.set({ LDS, ECDS: [extension("mark", marking("one"))] });
    await turnsUntil(() => proxy.stat(`${STATS}.config_reload`) === 1);
    assert.equal(await ask(client), "200 one");
  });

  test(`${type}: the terminal filter comes by ECDS too, and no other filter in its place`, async (t) => {
    const plane = await startControlPlane(t);
    const types = `${ROUTER}, ${MUTATION}`;
    const LDS = [listener([discovery("mark", types)])];
    plane.set({ LDS, ECDS: [extension("mark", `{ "@type": ${ROUTER} }`)] });
    const proxy = await startManagedProxy(t, plane, type);
    const client = connect(t, proxy);
    assert.equal(await ask(client), "200 unmarked");
    plane.set({ LDS, ECDS: [extension("mark", marking("one"))] });
    await turnsUntil(() => proxy.stat(`${STATS}.update_rejected`) === 1);
    assert.match(
      errorOf(proxy, "mark"),
      /non-terminal filter named mark of type envoy.filters.http.header_mutation is the last filter in a http filter chain/,
    );
    assert.equal(await ask(client), "200 unmarked");
  });
}

test("a request that is under way ends with the filter that it began with", async (t) => {
  const plane = await startControlPlane(t);
  const origin = await startOrigin(() => {});
  t.after(() => origin.close());
  const address = `{ socket_address: { address: 127.0.0.1, port_value: ${origin.port} } }`;
  const CDS = [
    `{ name: up, load_assignment: { cluster_name: up, endpoints: [{ lb_endpoints: [{ endpoint: { address: ${address} } }] }] } }`,
  ];
  const LDS = [
    listener([discovery("mark", MUTATION), router]).replace(
      /direct_response: .*? \} \} \}/,
      "route: { cluster: up } }",
    ),
  ];
  plane.set({ CDS, LDS, ECDS: [extension("mark", marking("one"))] });
  const proxy = await startManagedProxy(t, plane, "GRPC");
  const client = connect(t, proxy);
  const answer = ask(client);
  await turnsUntil(() => origin.connections[0]?.received.endsWith("\r\n\r\n") === true);
  plane.set({ CDS, LDS, ECDS: [extension("mark", marking("two"))] });
  await turnsUntil(() => proxy.stat(`${STATS}.config_reload`) === 2);
  origin.connections[0]!.socket.write("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok.");
  assert.equal(await answer, "200 one");
  const next = ask(client);
  await turnsUntil(() => (origin.connections[0]!.received.match(/\r\n\r\n/g) ?? []).length === 2);
  origin.connections[0]!.socket.write("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok.");
  assert.equal(await next, "200 two");
});

test("a filter that is taken away is the default one again, or requests are refused", async (t) => {
  const plane = await startControlPlane(t);
  const more = `, default_config: ${marking("default")}`;
  const LDS = [
    listener([discovery("mark", MUTATION), router]),
    listener([discovery("mark", MUTATION, more), router], "other"),
  ];
  plane.set({ LDS, ECDS: [extension("mark", marking("one"))] });
  const proxy = await startManagedProxy(t, plane, "DELTA_GRPC");
  const [client, other] = [connect(t, proxy), connect(t, proxy, "other")];
  assert.deepEqual([await ask(client), await ask(other)], ["200 one", "200 one"]);
  // Two places, and one resource.
  assert.equal(proxy.stat(`${STATS}.config_reload`), 1);
  plane.set({ LDS });
  await turnsUntil(() => proxy.stat(`${STATS}.update_success`) === 2);
  assert.deepEqual([await ask(client), await ask(other)], ["500 unmarked", "200 default"]);
});

test("a filter that does not come in its time leaves requests with 500", async (t) => {
  const plane = await startControlPlane(t);
  const filter = `{ name: mark, config_discovery: { config_source: { resource_api_version: V3, ads: {}, initial_fetch_timeout: 0.01s }, type_urls: [${MUTATION}] } }`;
  plane.set({ LDS: [listener([filter, router])] });
  const proxy = await startManagedProxy(t, plane, "GRPC");
  assert.equal(await ask(connect(t, proxy)), "500 unmarked");
  assert.equal(proxy.stat(`${STATS}.init_fetch_timeout`), 1);
  assert.equal(proxy.stat(`${STATS}.config_fail`), 1);
});

test("what another listener asks for and does not suit it is a conflict, and its default serves", async (t) => {
  const plane = await startControlPlane(t);
  const web = listener([discovery("mark", MUTATION), router]);
  plane.set({ LDS: [web], ECDS: [extension("mark", marking("one"))] });
  const proxy = await startManagedProxy(t, plane, "GRPC");
  const more = `, default_config: { "@type": ${GRPC_STATS} }`;
  plane.set({
    LDS: [web, listener([discovery("mark", GRPC_STATS, more), router], "other")],
    ECDS: [extension("mark", marking("one"))],
  });
  await turnsUntil(() => proxy.ports("other").length > 0);
  assert.equal(proxy.stat(`${STATS}.config_conflict`), 1);
  assert.equal(await ask(connect(t, proxy, "other")), "200 unmarked");
  assert.equal(await ask(connect(t, proxy)), "200 one");
});

test("a filter that is disabled runs where the route turns it on", async (t) => {
  const plane = await startControlPlane(t);
  const disabled = discovery("mark", MUTATION).replace("name: mark", "name: mark, disabled: true");
  const enabled = `, typed_per_filter_config: { mark: { "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig, config: {} } }`;
  const LDS = [listener([disabled, router]), listener([disabled, router], "enabled", enabled)];
  plane.set({ LDS, ECDS: [extension("mark", marking("one"))] });
  const proxy = await startManagedProxy(t, plane, "GRPC");
  assert.equal(await ask(connect(t, proxy)), "200 unmarked");
  assert.equal(await ask(connect(t, proxy, "enabled")), "200 one");
});

function waitsFor(proxy: TestProxy, name: string): string | null {
  return resource(proxy, ".Listener", name)?.waitsFor ?? null;
}

function errorOf(proxy: TestProxy, name: string): string {
  return resource(proxy, ".TypedExtensionConfig", name)?.error?.message ?? "";
}

function resource(
  proxy: TestProxy,
  type: string,
  name: string,
):
  | { readonly waitsFor: string | null; readonly error: { readonly message: string } | null }
  | undefined {
  return proxy
    .controlPlanes()
    .sources.flatMap(({ types }) => types)
    .filter(({ typeUrl }) => typeUrl.endsWith(type))
    .flatMap(({ resources }) => resources)
    .find((each) => each.name === name);
}
