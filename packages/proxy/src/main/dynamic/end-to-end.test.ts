import assert from "node:assert/strict";
import { test } from "node:test";
import { startControlPlane, startManagedProxy } from "../../testing/control-plane.ts";
import { RawClient, startOrigin } from "../../testing/origin.ts";
import type { TestProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";

const HCM =
  "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ROUTER =
  '{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }';

function listener(name = "web", rds = "r"): string {
  return `
name: ${name}
address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
filter_chains:
- filters:
  - name: http
    typed_config:
      "@type": ${HCM}
      stat_prefix: in
      rds: { route_config_name: ${rds}, config_source: { resource_api_version: V3, ads: {} } }
      http_filters: [${ROUTER}]`;
}

function routes(body: string, name = "r"): string {
  const route = `{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: "${body}" } } }`;
  return `{ name: ${name}, virtual_hosts: [{ name: all, domains: ["*"], routes: [${route}] }] }`;
}

function routesTo(cluster: string): string {
  return `{ name: r, virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: ${cluster} } }] }] }`;
}

function clusterYaml(name: string, port: number, fields = ""): string {
  const address = `{ socket_address: { address: 127.0.0.1, port_value: ${port} } }`;
  return `{ name: ${name}, load_assignment: { cluster_name: ${name}, endpoints: [{ lb_endpoints: [{ endpoint: { address: ${address} } }] }] }${fields} }`;
}

async function get(client: RawClient): Promise<string> {
  client.received = "";
  client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await client.until(
    () => /\r\n\r\n[^]*\.$|content-length: 0\r\n/.test(client.received) || client.ended,
  );
  return client.received.slice(9, 12) + " " + client.received.split("\r\n\r\n")[1];
}

for (const type of ["GRPC", "DELTA_GRPC"] as const) {
  test(`${type}: what comes by ADS serves, and new routes reach the connections that are there`, async (t) => {
    const plane = await startControlPlane(t);
    plane.set({ LDS: [listener()], RDS: [routes("one.")] });
    const proxy = await startManagedProxy(t, plane, type);
    const client = new RawClient(proxy.port("web"));
    t.after(() => client.socket.destroy());
    assert.equal(await get(client), "200 one.");
    plane.set({ LDS: [listener()], RDS: [routes("two.")] });
    await turnsUntil(() => proxy.stat("http.in.rds.r.config_reload") === 2);
    assert.equal(await get(client), "200 two.");
    assert.equal(proxy.stat("listener_manager.lds.update_success"), 1);
    assert.equal(proxy.stat("control_plane.connected_state"), 1);
  });

  test(`${type}: clusters come, change and go`, async (t) => {
    const [one, two] = [await startOrigin(), await startOrigin()];
    t.after(() => [one, two].forEach((origin) => origin.close()));
    const plane = await startControlPlane(t);
    const web = { LDS: [listener()], RDS: [routesTo("a")] };
    plane.set({ ...web, CDS: [clusterYaml("a", one.port)] });
    const proxy = await startManagedProxy(t, plane, type);
    const client = new RawClient(proxy.port("web"));
    t.after(() => client.socket.destroy());
    const ask = async (): Promise<string> => {
      client.received = "";
      client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      await client.until(
        () =>
          /hello$|not found$|unavailable$/.test(client.received) ||
          /content-length: 0/.test(client.received),
      );
      return client.received.slice(9, 12);
    };
    assert.equal(await ask(), "200");
    assert.deepEqual([one.connections.length, two.connections.length], [1, 0]);
    plane.set({ ...web, CDS: [clusterYaml("a", two.port)] });
    await turnsUntil(() => proxy.stat("cluster_manager.cluster_modified") === 1);
    assert.equal(await ask(), "200");
    assert.deepEqual([one.connections.length, two.connections.length], [1, 1]);
    plane.set(web);
    await turnsUntil(() => proxy.stat("cluster_manager.cluster_removed") === 1);
    assert.equal(await ask(), "503");
  });

  test(`${type}: a resource that is refused leaves what was there, and the others are taken`, async (t) => {
    const plane = await startControlPlane(t);
    plane.set({ LDS: [listener()], RDS: [routes("one.")], CDS: [clusterYaml("a", 1)] });
    const proxy = await startManagedProxy(t, plane, type);
    plane.set({
      LDS: [listener(), listener("other")],
      RDS: [routes("one.")],
      CDS: [
        clusterYaml(
          "a",
          1,
          ", lb_policy: RING_HASH, ring_hash_lb_config: { minimum_ring_size: 9, maximum_ring_size: 3 }",
        ),
        clusterYaml("b", 1),
      ],
    });
    await turnsUntil(() => proxy.stat("cluster_manager.cds.update_rejected") === 1);
    await turnsUntil(() => proxy.ports("other").length > 0);
    assert.equal(proxy.stat("cluster_manager.active_clusters"), 3);
    assert.equal(proxy.stat("cluster_manager.cluster_modified"), 0);
    const types = proxy.controlPlanes().sources.flatMap((source) => source.types);
    const clusters = types.find(({ typeUrl }) => typeUrl.endsWith(".Cluster"))!;
    const bad = clusters.resources.find(({ name }) => name === "a")!;
    assert.match(bad.error!.message, /minimum_ring_size/);
    assert.notEqual(bad.version, null);
  });

  test(`${type}: a listener that is taken away accepts no more`, async (t) => {
    const plane = await startControlPlane(t);
    plane.set({ LDS: [listener(), listener("other")], RDS: [routes("one.")] });
    const proxy = await startManagedProxy(t, plane, type);
    const port = proxy.port("other");
    plane.set({ LDS: [listener()], RDS: [routes("one.")] });
    await turnsUntil(() => proxy.ports("other").length === 0);
    const late = new RawClient(port);
    await late.until(() => late.ended);
    const client = new RawClient(proxy.port("web"));
    t.after(() => client.socket.destroy());
    assert.equal(await get(client), "200 one.");
  });

  test(`${type}: a listener waits for its routes, and says so`, async (t) => {
    const plane = await startControlPlane(t);
    plane.set({ LDS: [listener()], RDS: [routes("one.")] });
    const proxy = await startManagedProxy(t, plane, type);
    plane.set({ LDS: [listener(), listener("late", "later")], RDS: [routes("one.")] });
    await turnsUntil(() => waitsFor(proxy, "late") !== null);
    assert.equal(waitsFor(proxy, "late"), "route configuration 'later'");
    assert.deepEqual(proxy.ports("late"), []);
    plane.set({
      LDS: [listener(), listener("late", "later")],
      RDS: [routes("one."), routes("late.", "later")],
    });
    await turnsUntil(() => proxy.ports("late").length > 0);
    const client = new RawClient(proxy.port("late"));
    t.after(() => client.socket.destroy());
    assert.equal(await get(client), "200 late.");
    assert.equal(waitsFor(proxy, "late"), null);
  });
}

test("routes that are refused at first leave the listener without routes, and it serves", async (t) => {
  const plane = await startControlPlane(t);
  const twice = routes("one.").replace('domains: ["*"]', 'domains: ["*", "*"]');
  plane.set({ LDS: [listener()], RDS: [twice] });
  const proxy = await startManagedProxy(t, plane, "GRPC");
  assert.equal(proxy.stat("http.in.rds.r.update_rejected"), 1);
  const client = new RawClient(proxy.port("web"));
  t.after(() => client.socket.destroy());
  assert.equal(await get(client), "404 ");
  plane.set({ LDS: [listener()], RDS: [routes("two.")] });
  await turnsUntil(() => proxy.stat("http.in.rds.r.config_reload") === 1);
  assert.equal(await get(client), "200 two.");
});

test("without its control plane the proxy goes on with what it has", async (t) => {
  const plane = await startControlPlane(t);
  plane.set({ LDS: [listener()], RDS: [routes("one.")] });
  const proxy = await startManagedProxy(t, plane, "GRPC");
  await plane.close();
  await turnsUntil(() => proxy.stat("control_plane.connected_state") === 0);
  const client = new RawClient(proxy.port("web"));
  t.after(() => client.socket.destroy());
  assert.equal(await get(client), "200 one.");
});

function waitsFor(proxy: TestProxy, listenerName: string): string | null {
  const types = proxy.controlPlanes().sources.flatMap((source) => source.types);
  const listeners = types.find(({ typeUrl }) => typeUrl.endsWith(".Listener"));
  return listeners?.resources.find(({ name }) => name === listenerName)?.waitsFor ?? null;
}
