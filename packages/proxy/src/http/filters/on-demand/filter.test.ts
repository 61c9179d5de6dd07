import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  adsBootstrap,
  startControlPlane,
  type Resources,
  type TestControlPlane,
} from "../../../testing/control-plane.ts";
import { RawClient, startOrigin } from "../../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../../testing/proxy.ts";
import { turnsUntil } from "../../../testing/turns.ts";

const ADS = "{ resource_api_version: V3, ads: {} }";
const PACKAGE = "type.googleapis.com/envoy.extensions.filters.http.on_demand.v3";

function listener(from: string, odcds = ""): string {
  return `
name: web
address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
filter_chains:
- filters:
  - name: http
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
      stat_prefix: in
      ${from}
      http_filters:
      - { name: ondemand, typed_config: { "@type": ${PACKAGE}.OnDemand ${odcds} } }
      - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }`;
}

const BY_RDS = `rds: { route_config_name: r, config_source: ${ADS} }`;
const BY_SCOPE = `scoped_routes: { name: s, scope_key_builder: { fragments: [{ header_value_extractor: { name: host, index: 0 } }] }, rds_config_source: ${ADS}, scoped_rds: { scoped_rds_config_source: ${ADS} } }`;
const ODCDS = `, odcds: { source: ${ADS} }`;

function direct(body: string): string {
  return `[{ match: { prefix: /ok }, direct_response: { status: 200, body: { inline_string: "${body}." } } }]`;
}

function routes(fields: string, name = "r"): string {
  return `{ name: ${name}, ${fields} }`;
}

const HOSTED = routes(`vhds: { config_source: ${ADS} }`);

function host(name: string, body: string): string {
  return `{ name: r/${name}, domains: [${name}], routes: ${direct(body)} }`;
}

function toCluster(name: string, perRoute = ""): string {
  const route = `{ match: { prefix: / }, route: { cluster: ${name} }${perRoute} }`;
  return `validate_clusters: false, virtual_hosts: [{ name: all, domains: ["*"], routes: [${route}] }]`;
}

function cluster(name: string, port: number): string {
  const address = `{ socket_address: { address: 127.0.0.1, port_value: ${port} } }`;
  return `{ name: ${name}, load_assignment: { cluster_name: ${name}, endpoints: [{ lb_endpoints: [{ endpoint: { address: ${address} } }] }] } }`;
}

interface Rig {
  readonly plane: TestControlPlane;
  readonly proxy: TestProxy;
  client(): RawClient;
}

/** Without `cds`, clusters come on demand only. */
async function start(t: TestContext, resources: Resources, cds = true): Promise<Rig> {
  const plane = await startControlPlane(t);
  plane.set(resources);
  const bootstrap = adsBootstrap(plane.port, "DELTA_GRPC");
  const proxy = await startProxy(cds ? bootstrap : bootstrap.replace(/ {2}cds_config.*\n/, ""));
  t.after(() => proxy.close());
  const client = (): RawClient => {
    const made = new RawClient(proxy.port("web"));
    t.after(() => made.socket.destroy());
    return made;
  };
  return { plane, proxy, client };
}

function request(authority: string, path = "/ok"): string {
  return `GET ${path} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`;
}

async function answer(client: RawClient): Promise<string> {
  await client.until((received) => /\r\n\r\n[^]*(\.|hello)$|content-length: 0\r\n/.test(received));
  const text = client.received;
  client.received = "";
  return text.split("\r\n\r\n")[1] || text.slice(9, 12);
}

function statOf({ proxy }: Rig, name: string): number | undefined {
  return proxy.stat(name);
}

test("a request waits for its virtual host; of one that there is not it is told at once", async (t) => {
  const resources = { LDS: [listener(BY_RDS)], RDS: [HOSTED], VHDS: [host("a.com", "a")] };
  const rig = await start(t, resources);
  const asked: string[] = [];
  rig.plane.onAsked = (name) => {
    asked.push(name);
    if (name === "r/b.com")
      rig.plane.set({ ...resources, VHDS: [host("a.com", "a"), host("b.com", "b")] });
  };
  const [one, two] = [rig.client(), rig.client()];
  one.send(request("None.com"));
  assert.equal(await answer(one), "404");
  one.send(request("none.com"));
  assert.equal(await answer(one), "404");
  one.send(request("a.com"));
  assert.equal(await answer(one), "a.");
  // There is a virtual host, and no route in it: nobody is asked.
  one.send(request("a.com", "/other"));
  assert.equal(await answer(one), "404");
  one.send(request("b.com"));
  two.send(
    "POST /ok HTTP/1.1\r\nhost: b.com\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  );
  assert.deepEqual(await Promise.all([answer(one), answer(two)]), ["b.", "b."]);
  assert.deepEqual(asked, ["r/none.com", "r/none.com", "r/b.com"]);
  assert.deepEqual(rig.proxy.exceptions, []);
});

test("virtual hosts that came on demand change and go as the others", async (t) => {
  const resources = { LDS: [listener(BY_RDS)], RDS: [HOSTED] };
  const rig = await start(t, resources);
  let body = "one";
  rig.plane.onAsked = () => rig.plane.set({ ...resources, VHDS: [host("b.com", body)] });
  const client = rig.client();
  client.send(request("b.com"));
  assert.equal(await answer(client), "one.");
  rig.plane.set({ ...resources, VHDS: [host("b.com", "two")] });
  await turnsUntil(() => statOf(rig, "http.in.rds.vhds.r.config_reload") === 2);
  client.send(request("b.com"));
  assert.equal(await answer(client), "two.");
  const { requests } = rig.plane;
  rig.plane.set(resources);
  // It goes and is not asked for any more; the server has an answer to that, too.
  await turnsUntil(() => rig.plane.requests === requests + 2);
  assert.equal(statOf(rig, "http.in.rds.vhds.r.config_reload"), 3);
  body = "three";
  client.send(request("b.com"));
  assert.equal(await answer(client), "three.");
});

test("the routes of a scope on demand are asked for by the first request", async (t) => {
  const scopes = ["a", "none"].map(
    (name) =>
      `{ name: ${name}, on_demand: true, route_configuration_name: ${name}, key: { fragments: [{ string_key: ${name} }] } }`,
  );
  const rds = routes(`virtual_hosts: [{ name: all, domains: ["*"], routes: ${direct("a")} }]`, "a");
  const rig = await start(t, { LDS: [listener(BY_SCOPE)], SRDS: scopes, RDS: [rds] });
  const stat = (name: string): number | undefined => statOf(rig, `http.in.scoped_rds.s.${name}`);
  assert.deepEqual(
    [stat("all_scopes"), stat("on_demand_scopes"), stat("active_scopes")],
    [2, 2, 0],
  );
  assert.equal(statOf(rig, "http.in.rds.a.update_attempt"), undefined);
  const client = rig.client();
  client.send(request("a"));
  assert.equal(await answer(client), "a.");
  assert.equal(stat("active_scopes"), 1);
  client.send(request("nobody"));
  assert.equal(await answer(client), "404");
});

test("a request waits for the routes of a scope that is there already", async (t) => {
  const scope = "{ name: b, route_configuration_name: b, key: { fragments: [{ string_key: b }] } }";
  const LDS = [listener(BY_SCOPE)];
  const rig = await start(t, { LDS });
  rig.plane.set({ LDS, SRDS: [scope] });
  await turnsUntil(() => statOf(rig, "http.in.scoped_rds.s.active_scopes") === 1);
  const client = rig.client();
  client.send(request("b"));
  await turnsUntil(() => statOf(rig, "http.in.downstream_rq_active") === 1);
  const rds = routes(`virtual_hosts: [{ name: all, domains: ["*"], routes: ${direct("b")} }]`, "b");
  rig.plane.set({ LDS, SRDS: [scope], RDS: [rds] });
  assert.equal(await answer(client), "b.");
});

test("a request whose scope goes away does not wait for it", async (t) => {
  const scope =
    "{ name: a, on_demand: true, route_configuration_name: a, key: { fragments: [{ string_key: a }] } }";
  const LDS = [listener(BY_SCOPE)];
  const rig = await start(t, { LDS, SRDS: [scope] });
  rig.plane.onAsked = (name) => {
    if (name === "a") rig.plane.set({ LDS });
  };
  const client = rig.client();
  client.send(request("a"));
  assert.equal(await answer(client), "404");
});

test("a request waits for its cluster, with its body; of one that there is not it is told at once", async (t) => {
  const origin = await startOrigin();
  t.after(() => origin.close());
  const inline = `route_config: { name: r, virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster_header: x-to } }] }] }`;
  const resources = { LDS: [listener(inline, ODCDS)] };
  const rig = await start(t, { ...resources, CDS: [cluster("a", origin.port)] }, false);
  const asked: string[] = [];
  rig.plane.onAsked = (name) => asked.push(name);
  const client = rig.client();
  const to = (name: string): string => request("h").replace("host", `x-to: ${name}\r\nhost`);
  client.send(to("a"));
  assert.equal(await answer(client), "hello");
  client.send(to("a"));
  assert.equal(await answer(client), "hello");
  client.send(to("none"));
  assert.equal(await answer(client), "503");
  client.send(request("h"));
  assert.equal(await answer(client), "503");
  assert.deepEqual(asked, ["a", "none"]);
  assert.equal(statOf(rig, "cluster_manager.odcds.update_success"), 2);
  assert.equal(statOf(rig, "cluster_manager.cluster_added"), 2);
  assert.equal(statOf(rig, "http.in.no_cluster"), 2);
});

test("a cluster that went away is asked for again, and a route may say from where", async (t) => {
  const origin = await startOrigin();
  t.after(() => origin.close());
  const perRoute = `, typed_per_filter_config: { ondemand: { "@type": ${PACKAGE}.PerRouteConfig ${ODCDS} } }`;
  const LDS = [listener(`route_config: { name: r, ${toCluster("a", perRoute)} }`)];
  const rig = await start(t, { LDS, CDS: [cluster("a", origin.port)] }, false);
  const client = rig.client();
  client.send(request("h"));
  assert.equal(await answer(client), "hello");
  rig.plane.set({ LDS });
  await turnsUntil(() => statOf(rig, "cluster_manager.cluster_removed") === 1);
  client.send(request("h"));
  assert.equal(await answer(client), "503");
  rig.plane.onAsked = () => rig.plane.set({ LDS, CDS: [cluster("a", origin.port)] });
  client.send(request("h"));
  assert.equal(await answer(client), "hello");
});

test("a route may turn clusters on demand off", async (t) => {
  const perRoute = `, typed_per_filter_config: { ondemand: { "@type": ${PACKAGE}.PerRouteConfig } }`;
  const LDS = [listener(`route_config: { name: r, ${toCluster("a", perRoute)} }`, ODCDS)];
  const rig = await start(t, { LDS, CDS: [cluster("a", 1)] }, false);
  const client = rig.client();
  client.send(request("h"));
  assert.equal(await answer(client), "503");
  assert.equal(statOf(rig, "cluster_manager.odcds.update_attempt"), undefined);
});

test("a cluster that does not come in its time is none", async (t) => {
  // A control plane that cannot be reached.
  const odcds = `, odcds: { timeout: 0.01s, source: { resource_api_version: V3, api_config_source: { api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: dead } }] } } }`;
  const LDS = [listener(`route_config: { name: r, ${toCluster("a")} }`, odcds)];
  const dead = `${cluster("dead", 1).slice(0, -1)}, typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http2_protocol_options: {} } } } }`;
  const rig = await start(t, { LDS, CDS: [dead] });
  const client = rig.client();
  client.send(request("h"));
  assert.equal(await answer(client), "503");
  assert.equal(statOf(rig, "cluster_manager.odcds.update_success"), 0);
});

test("a virtual host that comes on demand may lead to a cluster that does", async (t) => {
  const origin = await startOrigin();
  t.after(() => origin.close());
  const resources = {
    LDS: [listener(BY_RDS, ODCDS)],
    RDS: [HOSTED],
    CDS: [cluster("a", origin.port)],
  };
  const rig = await start(t, resources, false);
  const hosted = `{ name: r/b.com, domains: [b.com], routes: [{ match: { prefix: / }, route: { cluster: a } }] }`;
  rig.plane.onAsked = (name) => {
    if (name === "r/b.com") rig.plane.set({ ...resources, VHDS: [hosted] });
  };
  const client = rig.client();
  client.send(request("b.com"));
  assert.equal(await answer(client), "hello");
});

test("who leaves while it waits leaves nothing behind", async (t) => {
  const resources = { LDS: [listener(BY_RDS)], RDS: [HOSTED] };
  const rig = await start(t, resources);
  const [one, two] = [rig.client(), rig.client()];
  rig.plane.onAsked = () => {
    one.socket.destroy();
    rig.plane.set({ ...resources, VHDS: [host("b.com", "b")] });
  };
  one.send(request("b.com"));
  await turnsUntil(
    () =>
      statOf(rig, "http.in.downstream_rq_rx_reset") === 1 ||
      statOf(rig, "http.in.downstream_cx_destroy") === 1,
  );
  two.send(request("b.com"));
  assert.equal(await answer(two), "b.");
  assert.deepEqual(rig.proxy.exceptions, []);
});
