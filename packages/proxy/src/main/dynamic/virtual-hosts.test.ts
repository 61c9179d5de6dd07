import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { WatchedResource } from "@nuncio/xds";
import {
  type Resources,
  type TestControlPlane,
  startControlPlane,
  startManagedProxy,
} from "../../testing/control-plane.ts";
import { RawClient } from "../../testing/origin.ts";
import type { TestProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";

const ADS = "{ resource_api_version: V3, ads: {} }";
const VHDS = `vhds: { config_source: ${ADS} }`;

/** A listener whose routes come by RDS. */
function listener(name = "web", rds = "r"): string {
  return `
name: ${name}
address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
filter_chains:
- filters:
  - name: http
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
      stat_prefix: in
      rds: { route_config_name: ${rds}, config_source: ${ADS} }
      http_filters:
      - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }`;
}

function host(name: string, domain: string, body = domain): string {
  const route = `{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: "${body}." } } }`;
  return `{ name: ${name}, domains: ["${domain}"], routes: [${route}] }`;
}

function routes(fields = VHDS, hosts = "", name = "r"): string {
  return `{ name: ${name}, virtual_hosts: [${hosts}], ${fields} }`;
}

interface Rig {
  readonly plane: TestControlPlane;
  readonly proxy: TestProxy;
  readonly client: RawClient;
}

async function start(
  t: TestContext,
  resources: Resources,
  type: "GRPC" | "DELTA_GRPC" = "DELTA_GRPC",
): Promise<Rig> {
  const plane = await startControlPlane(t);
  plane.set(resources);
  const proxy = await startManagedProxy(t, plane, type);
  const client = new RawClient(proxy.port("web"));
  t.after(() => client.socket.destroy());
  return { plane, proxy, client };
}

/** The body of the answer; its status when it has none. */
async function get(
  { client }: Pick<Rig, "client">,
  authority: string,
  path = "/",
): Promise<string> {
  client.received = "";
  client.send(`GET ${path} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
  await client.until(
    (received) => /\r\n\r\n[^]*\.$|content-length: 0\r\n/.test(received) || client.ended,
  );
  return client.received.split("\r\n\r\n")[1] || client.received.slice(9, 12);
}

function stat({ proxy }: Rig, name: string): number | undefined {
  return proxy.stat(`http.in.rds.vhds.r.${name}`);
}

function errorOf({ proxy }: Rig, type: string, name: string): string {
  const resources: WatchedResource[] = proxy
    .controlPlanes()
    .sources.flatMap(({ types }) => types)
    .filter(({ typeUrl }) => typeUrl.endsWith(`.${type}`))
    .flatMap((each) => [...each.resources]);
  return resources.find((each) => each.name === name)?.error?.message ?? "";
}

test("virtual hosts stand beside those of the routes; they change and go, and new routes leave them", async (t) => {
  const LDS = [listener()];
  const RDS = [routes(VHDS, host("fixed", "fixed.com"))];
  const others = host("other/x", "other.com");
  const rig = await start(t, { LDS, RDS, VHDS: [host("r/a", "a.com"), others] });
  assert.equal(await get(rig, "a.com"), "a.com.");
  assert.equal(await get(rig, "fixed.com"), "fixed.com.");
  assert.equal(await get(rig, "other.com"), "404");
  rig.plane.set({ LDS, RDS, VHDS: [host("r/a", "a.com", "new"), host("r/b", "b.com")] });
  await turnsUntil(() => stat(rig, "config_reload") === 2);
  assert.equal(await get(rig, "a.com"), "new.");
  assert.equal(await get(rig, "b.com"), "b.com.");
  const moved = [routes(VHDS, host("fixed", "moved.com"))];
  rig.plane.set({ LDS, RDS: moved, VHDS: [host("r/b", "b.com")] });
  await turnsUntil(() => stat(rig, "config_reload") === 3);
  assert.equal(await get(rig, "moved.com"), "moved.com.");
  assert.equal(await get(rig, "fixed.com"), "404");
  assert.equal(await get(rig, "a.com"), "404");
  assert.equal(await get(rig, "b.com"), "b.com.");
  // Counted with each change of either, as in Envoy.
  assert.equal(rig.proxy.stat("http.in.rds.r.config_reload"), 5);
  rig.plane.set({ LDS, RDS: [routes("validate_clusters: false", host("x", "x.com"))] });
  await turnsUntil(() => rig.proxy.stat("http.in.rds.r.config_reload") === 6);
  assert.equal(await get(rig, "x.com"), "x.com.");
  assert.equal(await get(rig, "b.com"), "404");
});

test("two route configurations take their virtual hosts from one stream", async (t) => {
  const LDS = [listener(), listener("two", "r2")];
  const RDS = [routes(), routes(VHDS, "", "r2")];
  const rig = await start(t, {
    LDS,
    RDS,
    VHDS: [host("r/a", "*", "one"), host("r2/a", "*", "two")],
  });
  const client = new RawClient(rig.proxy.port("two"));
  t.after(() => client.socket.destroy());
  assert.equal(await get(rig, "a"), "one.");
  assert.equal(await get({ client }, "a"), "two.");
});

test("a domain stands in one place: an update that has it in two is refused whole, of hosts and of routes", async (t) => {
  const LDS = [listener()];
  const RDS = [routes(VHDS, host("fixed", "fixed.com"))];
  const hosts = [host("r/a", "a.com")];
  const rig = await start(t, { LDS, RDS, VHDS: hosts });
  rig.plane.set({ LDS, RDS, VHDS: [...hosts, host("r/b", "fixed.com"), host("r/c", "c.com")] });
  await turnsUntil(() => stat(rig, "update_rejected") === 1);
  const text =
    "Only unique values for domains are permitted. Duplicate entry of domain fixed.com in route r";
  assert.equal(errorOf(rig, "VirtualHost", "r/b"), text);
  assert.equal(await get(rig, "c.com"), "404");
  assert.equal(await get(rig, "a.com"), "a.com.");
  rig.plane.set({ LDS, RDS: [routes(VHDS, host("fixed", "a.com"))], VHDS: hosts });
  await turnsUntil(() => rig.proxy.stat("http.in.rds.r.update_rejected") === 1);
  assert.equal(errorOf(rig, "RouteConfiguration", "r"), text.replace("fixed.com", "a.com"));
  assert.equal(await get(rig, "fixed.com"), "fixed.com.");
});

test("a virtual host that makes no sense is refused alone", async (t) => {
  const LDS = [listener()];
  const RDS = [routes()];
  const rig = await start(t, { LDS, RDS, VHDS: [host("r/a", "a.com")] });
  const bad =
    '{ name: r/b, domains: [b], routes: [{ match: { safe_regex: { regex: "(" } }, direct_response: { status: 200 } }] }';
  rig.plane.set({ LDS, RDS, VHDS: [host("r/a", "a.com", "new"), bad] });
  await turnsUntil(() => stat(rig, "update_rejected") === 1);
  assert.match(errorOf(rig, "VirtualHost", "r/b"), /regex/);
  assert.equal(await get(rig, "a.com"), "new.");
});

test("of many routes in one virtual host some change, and all answer as they say", async (t) => {
  const LDS = [listener()];
  const RDS = [routes()];
  const all = Array.from({ length: 200 }, (_, i) => `a${i}`);
  const many = (bodies: readonly string[]): string => {
    const each = bodies.map(
      (body, i) =>
        `{ match: { path: /${i} }, direct_response: { status: 200, body: { inline_string: "${body}." } } }`,
    );
    return `{ name: r/a, domains: ["a.com"], routes: [${each.join(", ")}] }`;
  };
  const rig = await start(t, { LDS, RDS, VHDS: [many(all)] });
  const states = [all.with(7, "b7"), all.with(7, "b7").toSpliced(3, 1), ["first", ...all], all];
  let reloads = 1;
  for (const bodies of states) {
    rig.plane.set({ LDS, RDS, VHDS: [many(bodies)] });
    reloads += 1;
    await turnsUntil(() => stat(rig, "config_reload") === reloads);
    for (const i of [0, 2, 3, 6, 7, 8, bodies.length - 1])
      assert.equal(await get(rig, "a.com", `/${i}`), `${bodies[i]}.`);
  }
  const wrong = many(all).replace("path: /9 ", 'safe_regex: { regex: "(" } ');
  rig.plane.set({ LDS, RDS, VHDS: [wrong] });
  await turnsUntil(() => stat(rig, "update_rejected") === 1);
  assert.match(errorOf(rig, "VirtualHost", "r/a"), /routes\[9\]/);
  assert.equal(await get(rig, "a.com", "/9"), "a9.");
});

test("virtual hosts come by the delta protocol only", async (t) => {
  const rig = await start(t, {}, "GRPC");
  rig.plane.set({ LDS: [listener()], RDS: [routes()] });
  await turnsUntil(() => rig.proxy.stat("http.in.rds.r.update_rejected") === 1);
  assert.match(
    errorOf(rig, "RouteConfiguration", "r"),
    /vhds: ADS must use DELTA_GRPC api_type when used as VHDS config source\./,
  );
  const own = `vhds: { config_source: { resource_api_version: V3, api_config_source: { api_type: GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: xds } }] } } }`;
  rig.plane.set({ LDS: [listener()], RDS: [routes(own)] });
  await turnsUntil(() => rig.proxy.stat("http.in.rds.r.update_rejected") === 2);
  assert.match(errorOf(rig, "RouteConfiguration", "r"), /vhds: only 'DELTA_GRPC' or 'ADS'/);
  rig.plane.set({
    LDS: [listener()],
    RDS: [routes(own.replace("GRPC,", "DELTA_GRPC,"))],
    VHDS: [host("r/a", "a.com")],
  });
  await turnsUntil(() => stat(rig, "update_success") === 1);
  const client = new RawClient(rig.proxy.port("web"));
  t.after(() => client.socket.destroy());
  assert.equal(await get({ client }, "a.com"), "a.com.");
});

test("routes of a connection manager may have virtual hosts come, too", async (t) => {
  const rds = `rds: { route_config_name: r, config_source: ${ADS} }`;
  const inline = `route_config: ${routes(VHDS, host("fixed", "fixed.com"))}`;
  const LDS = [listener().replace(rds, inline)];
  const rig = await start(t, { LDS, VHDS: [host("r/a", "a.com")] });
  assert.equal(await get(rig, "a.com"), "a.com.");
  assert.equal(await get(rig, "fixed.com"), "fixed.com.");
  rig.plane.set({ LDS, VHDS: [host("r/b", "b.com")] });
  await turnsUntil(() => rig.proxy.stat("vhds.r.config_reload") === 2);
  assert.equal(await get(rig, "b.com"), "b.com.");
  assert.equal(await get(rig, "a.com"), "404");
  rig.plane.set({ VHDS: [host("r/b", "b.com")] });
  await turnsUntil(() => rig.proxy.ports("web").length === 0);
  const types = rig.proxy.controlPlanes().sources.flatMap((source) => source.types);
  const hosts = types.find(({ typeUrl }) => typeUrl.endsWith(".VirtualHost"));
  assert.deepEqual(hosts?.resources ?? [], []);
});

test("domains change hands in one update, and wildcards come and go", async (t) => {
  const LDS = [listener()];
  const RDS = [routes()];
  const rig = await start(t, {
    LDS,
    RDS,
    VHDS: [host("r/a", "a.com", "a"), host("r/b", "*.com", "b")],
  });
  assert.equal(await get(rig, "a.com"), "a.");
  assert.equal(await get(rig, "c.com"), "b.");
  rig.plane.set({ LDS, RDS, VHDS: [host("r/a", "*.com", "a"), host("r/b", "a.com", "b")] });
  await turnsUntil(() => stat(rig, "config_reload") === 2);
  assert.equal(await get(rig, "a.com"), "b.");
  assert.equal(await get(rig, "c.com"), "a.");
  rig.plane.set({ LDS, RDS, VHDS: [host("r/b", "a.com", "b")] });
  await turnsUntil(() => stat(rig, "config_reload") === 3);
  assert.equal(await get(rig, "a.com"), "b.");
  assert.equal(await get(rig, "c.com"), "404");
});

test("a listener that comes later has the virtual hosts that came before", async (t) => {
  const rig = await start(t, { LDS: [listener()], RDS: [routes()], VHDS: [host("r/a", "a.com")] });
  const resources = { RDS: [routes()], VHDS: [host("r/a", "a.com"), host("r/b", "b.com")] };
  rig.plane.set({ LDS: [listener()], ...resources });
  await turnsUntil(() => stat(rig, "config_reload") === 2);
  rig.plane.set({ LDS: [listener(), listener("late")], ...resources });
  await turnsUntil(() => rig.proxy.ports("late").length > 0);
  const client = new RawClient(rig.proxy.port("late"));
  t.after(() => client.socket.destroy());
  assert.equal(await get({ client }, "a.com"), "a.com.");
  assert.equal(await get({ client }, "b.com"), "b.com.");
});
