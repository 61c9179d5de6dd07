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
const HCM =
  "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ROUTER =
  '{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }';

/** A listener whose routes are chosen by `x-scope`, of scopes that come by SRDS. */
function listener(name = "web", rds = `rds_config_source: ${ADS}`): string {
  return `
name: ${name}
address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
filter_chains:
- filters:
  - name: http
    typed_config:
      "@type": ${HCM}
      stat_prefix: in
      scoped_routes:
        name: by:header
        scope_key_builder: { fragments: [{ header_value_extractor: { name: x-scope, index: 0 } }] }
        scoped_rds: { scoped_rds_config_source: ${ADS} }
        ${rds}
      http_filters: [${ROUTER}]`;
}

function scope(name: string, key: string, fields: string): string {
  return `{ name: ${name}, key: { fragments: [{ string_key: ${key} }] }, ${fields} }`;
}

function named(name: string, key: string, rds: string): string {
  return scope(name, key, `route_configuration_name: ${rds}`);
}

function routes(name: string, body = name): string {
  const route = `{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: "${body}." } } }`;
  return `{ name: ${name}, virtual_hosts: [{ name: all, domains: ["*"], routes: [${route}] }] }`;
}

interface Rig {
  readonly plane: TestControlPlane;
  readonly proxy: TestProxy;
  readonly client: RawClient;
}

async function start(
  t: TestContext,
  type: "GRPC" | "DELTA_GRPC",
  resources: Resources,
): Promise<Rig> {
  const plane = await startControlPlane(t);
  plane.set(resources);
  const proxy = await startManagedProxy(t, plane, type);
  const client = new RawClient(proxy.port("web"));
  t.after(() => client.socket.destroy());
  return { plane, proxy, client };
}

/** The body that a scope gives; the status of an answer without one. */
async function get({ client }: Rig, key: string): Promise<string> {
  client.received = "";
  client.send(`GET / HTTP/1.1\r\nhost: a\r\nx-scope: ${key}\r\n\r\n`);
  await client.until(
    (received) => /\r\n\r\n[^]*\.$|content-length: 0\r\n/.test(received) || client.ended,
  );
  return client.received.split("\r\n\r\n")[1] || client.received.slice(9, 12);
}

function stat({ proxy }: Rig, name: string): number | undefined {
  return proxy.stat(`http.in.scoped_rds.by_header.${name}`);
}

function statusOf(
  { proxy }: Rig,
  name: string,
  type = "ScopedRouteConfiguration",
): WatchedResource | null {
  const types = proxy.controlPlanes().sources.flatMap((source) => source.types);
  const ofType = types.find(({ typeUrl }) => typeUrl.endsWith(`.${type}`));
  return ofType?.resources.find((each) => each.name === name) ?? null;
}

for (const type of ["GRPC", "DELTA_GRPC"] as const) {
  test(`${type}: scopes come, change their routes and their keys, and go`, async (t) => {
    const LDS = [listener()];
    const RDS = [routes("r1"), routes("r2")];
    const inline = scope("c", "three", `route_configuration: ${routes("inline")}`);
    const SRDS = [named("a", "one", "r1"), named("b", "two", "r2"), inline];
    const rig = await start(t, type, { LDS, SRDS, RDS });
    assert.equal(await get(rig, "one"), "r1.");
    assert.equal(await get(rig, "two"), "r2.");
    assert.equal(await get(rig, "three"), "inline.");
    assert.equal(await get(rig, "four"), "404");
    assert.deepEqual([stat(rig, "all_scopes"), stat(rig, "active_scopes")], [3, 2]);
    assert.equal(rig.proxy.stat("http.in.rds.r1.config_reload"), 1);
    // Keys change hands in one update.
    const swapped = [named("a", "two", "r1"), named("b", "one", "r2")];
    rig.plane.set({ LDS, SRDS: swapped, RDS });
    await turnsUntil(() => stat(rig, "config_reload") === 2);
    assert.equal(await get(rig, "one"), "r2.");
    assert.equal(await get(rig, "two"), "r1.");
    assert.equal(await get(rig, "three"), "404");
    rig.plane.set({ LDS, SRDS: swapped, RDS: [routes("r1", "new"), routes("r2")] });
    await turnsUntil(() => rig.proxy.stat("http.in.rds.r1.config_reload") === 2);
    assert.equal(await get(rig, "two"), "new.");
    rig.plane.set({ LDS, RDS });
    await turnsUntil(() => stat(rig, "all_scopes") === 0);
    assert.equal(await get(rig, "one"), "404");
    assert.equal(await get(rig, "two"), "404");
  });

  test(`${type}: a scope keeps its routes until those that it names now have come`, async (t) => {
    const LDS = [listener()];
    const rig = await start(t, type, { LDS, SRDS: [named("a", "one", "r1")], RDS: [routes("r1")] });
    rig.plane.set({ LDS, SRDS: [named("a", "one", "r2")], RDS: [routes("r1")] });
    await turnsUntil(() => stat(rig, "config_reload") === 2);
    assert.equal(statusOf(rig, "a")?.waitsFor, "route configuration 'r2'");
    assert.equal(await get(rig, "one"), "r1.");
    rig.plane.set({
      LDS,
      SRDS: [named("a", "one", "r2")],
      RDS: [routes("r1"), routes("r2")],
    });
    await turnsUntil(() => statusOf(rig, "a")?.waitsFor === null);
    assert.equal(await get(rig, "one"), "r2.");
  });

  test(`${type}: two scopes of one key are refused, and everything stays`, async (t) => {
    const LDS = [listener()];
    const RDS = [routes("r1"), routes("r2")];
    const rig = await start(t, type, { LDS, SRDS: [named("a", "one", "r1")], RDS });
    rig.plane.set({ LDS, SRDS: [named("a", "one", "r1"), named("b", "one", "r2")], RDS });
    await turnsUntil(() => stat(rig, "update_rejected") === 1);
    assert.match(
      JSON.stringify(statusOf(rig, "b")?.error),
      /Error adding\/updating scoped route\(s\): scope key conflict found, first scope is 'a', second scope is 'b'/,
    );
    assert.equal(stat(rig, "all_scopes"), 1);
    assert.equal(await get(rig, "one"), "r1.");
  });

  test(`${type}: a scope without routes is refused, and the others are taken`, async (t) => {
    const LDS = [listener()];
    const RDS = [routes("r1")];
    const rig = await start(t, type, { LDS, RDS });
    assert.equal(await get(rig, "one"), "404");
    const without = "{ name: b, key: { fragments: [{ string_key: two }] } }";
    rig.plane.set({ LDS, SRDS: [named("a", "one", "r1"), without], RDS });
    await turnsUntil(() => stat(rig, "update_rejected") === 1);
    assert.match(JSON.stringify(statusOf(rig, "b")?.error), /route_configuration_name is empty\./);
    await turnsUntil(() => statusOf(rig, "a")?.waitsFor === null);
    assert.equal(await get(rig, "one"), "r1.");
  });
}

test("a listener waits for its scopes and their routes, and says so", async (t) => {
  const rig = await start(t, "GRPC", {});
  const resources = { LDS: [listener()], SRDS: [named("a", "one", "r1")] };
  rig.plane.set(resources);
  await turnsUntil(() => statusOf(rig, "a")?.waitsFor === "route configuration 'r1'");
  assert.equal(statusOf(rig, "web", "Listener")?.waitsFor, "scoped routes 'by:header'");
  assert.deepEqual(rig.proxy.ports("web"), []);
  rig.plane.set({ ...resources, RDS: [routes("r1")] });
  await turnsUntil(() => rig.proxy.ports("web").length > 0);
  const client = new RawClient(rig.proxy.port("web"));
  t.after(() => client.socket.destroy());
  assert.equal(await get({ ...rig, client }, "one"), "r1.");
});

test("a scope that names routes needs to know from where", async (t) => {
  const RDS = [routes("r1")];
  const rig = await start(t, "GRPC", { LDS: [listener("web", "")], RDS });
  rig.plane.set({ LDS: [listener("web", "")], SRDS: [named("a", "one", "r1")], RDS });
  await turnsUntil(() => stat(rig, "update_rejected") === 1);
  assert.match(
    JSON.stringify(statusOf(rig, "a")?.error),
    /route_configuration_name: expected an rds_config_source/,
  );
});

test("two connection managers that ask for the same share their scopes", async (t) => {
  const other = listener("other").replace("name: by:header", "name: another");
  const resources = { SRDS: [named("a", "one", "r1")], RDS: [routes("r1")] };
  const rig = await start(t, "GRPC", { LDS: [listener(), other], ...resources });
  const client = new RawClient(rig.proxy.port("other"));
  t.after(() => client.socket.destroy());
  assert.equal(await get({ ...rig, client }, "one"), "r1.");
  rig.plane.set({ LDS: [other], ...resources });
  await turnsUntil(() => rig.proxy.ports("web").length === 0);
  assert.equal(await get({ ...rig, client }, "one"), "r1.");
  rig.plane.set(resources);
  await turnsUntil(() => rig.proxy.ports("other").length === 0);
  assert.equal(stat(rig, "all_scopes"), 0);
});
