import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { XdsClientStatus } from "@nuncio/xds";
import {
  type Resources,
  type TestControlPlane,
  adsBootstrap,
  startControlPlane,
  startManagedProxy,
} from "../../testing/control-plane.ts";
import { type Origin, RawClient, startOrigin } from "../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";

const ADS = "{ resource_api_version: V3, ads: {} }";
const TCP = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
const CLUSTER = `{ name: a, type: EDS, eds_cluster_config: { service_name: s, eds_config: ${ADS} } }`;
/** A listener that hands its connections to the cluster `a`, and the cluster. */
const WEB: Resources = {
  LDS: [
    `
name: web
address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
filter_chains:
- filters: [{ name: tcp, typed_config: { "@type": ${TCP}, stat_prefix: web, cluster: a } }]`,
  ],
  CDS: [CLUSTER],
};

function endpoints(...ports: readonly number[]): Resources {
  const each = ports.map(
    (port) =>
      `{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } } }`,
  );
  return { EDS: [`{ cluster_name: s, endpoints: [{ lb_endpoints: [${each.join(", ")}] }] }`] };
}

interface Rig {
  readonly plane: TestControlPlane;
  readonly origins: readonly [Origin, Origin];
}

async function start(t: TestContext): Promise<Rig> {
  const plane = await startControlPlane(t);
  const origins = [await startOrigin(), await startOrigin()] as const;
  t.after(() => origins.forEach((origin) => origin.close()));
  return { plane, origins };
}

/** Opens a connection and closes it when it was answered. */
async function visit(proxy: TestProxy): Promise<string> {
  const client = new RawClient(proxy.port("web"));
  client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await client.until((received) => received.endsWith("hello"));
  client.close();
  return client.received;
}

function resource(status: XdsClientStatus, name: string): unknown {
  return status.sources
    .flatMap(({ types }) => types)
    .flatMap(({ resources }) => resources)
    .find((each) => each.name === name);
}

for (const type of ["GRPC", "DELTA_GRPC"] as const) {
  test(`${type}: endpoints come by EDS, change, are refused, and stay when they are taken away`, async (t) => {
    const { plane, origins } = await start(t);
    const [one, two] = origins;
    plane.set({ ...WEB, ...endpoints(one.port) });
    const proxy = await startManagedProxy(t, plane, type);
    await visit(proxy);
    plane.set({ ...WEB, ...endpoints(two.port) });
    await turnsUntil(() => proxy.stat("cluster_manager.cluster_updated") === 1);
    await visit(proxy);
    assert.deepEqual(
      origins.map(({ connections }) => connections.length),
      [1, 1],
    );
    plane.set({
      ...WEB,
      EDS: ["{ cluster_name: s, endpoints: [{ lb_endpoints: [{ endpoint: {} }] }] }"],
    });
    await turnsUntil(() => proxy.stat("cluster.a.update_rejected") === 1);
    assert.match(JSON.stringify(resource(proxy.controlPlanes(), "s")), /address must be set/);
    plane.set(WEB);
    // A full state that lacks endpoints says nothing of them.
    if (type === "DELTA_GRPC") await turnsUntil(() => proxy.stat("cluster.a.update_empty") === 1);
    await visit(proxy);
    plane.set({ ...WEB, ...endpoints(two.port, one.port) });
    await turnsUntil(() => proxy.stat("cluster.a.membership_total") === 2);
    await visit(proxy);
    assert.equal(proxy.stat("cluster.a.update_rejected"), 1);
  });

  test(`${type}: a cluster of the bootstrap may have its endpoints from there, too`, async (t) => {
    const { plane, origins } = await start(t);
    plane.set({ LDS: WEB["LDS"]!, ...endpoints(origins[0].port) });
    const proxy = await startProxy(adsBootstrap(plane.port, type, `  - ${CLUSTER}`));
    t.after(() => proxy.close());
    assert.match(await visit(proxy), /hello$/);
    assert.equal(proxy.stat("cluster.a.membership_total"), 1);
  });
}

test("a cluster waits for its endpoints, and says so", async (t) => {
  const { plane, origins } = await start(t);
  plane.set({ ...WEB, ...endpoints(origins[0].port) });
  const proxy = await startManagedProxy(t, plane, "GRPC");
  const other = `{ name: b, type: EDS, eds_cluster_config: { service_name: other, eds_config: ${ADS} } }`;
  plane.set({ ...WEB, ...endpoints(origins[0].port), CDS: [...WEB["CDS"]!, other] });
  await turnsUntil(() => proxy.stat("cluster_manager.warming_clusters") === 1);
  assert.match(
    JSON.stringify(resource(proxy.controlPlanes(), "b")),
    /the ClusterLoadAssignment other/,
  );
  assert.match(await visit(proxy), /hello$/);
});
