import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { adsBootstrap, startControlPlane } from "../../testing/control-plane.ts";
import { RawClient, startOrigin } from "../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";

const TYPE = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
const ADS = "{ resource_api_version: V3, ads: {} }";

function listener(name: string, onDemand: string): string {
  return `
name: ${name}
address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
filter_chains:
- filters: [{ name: tcp, typed_config: { "@type": ${TYPE}, stat_prefix: ${name}, cluster: ${name}, on_demand: ${onDemand} } }]`;
}

function cluster(name: string, port: number): string {
  const address = `{ socket_address: { address: 127.0.0.1, port_value: ${port} } }`;
  return `{ name: ${name}, load_assignment: { cluster_name: ${name}, endpoints: [{ lb_endpoints: [{ endpoint: { address: ${address} } }] }] } }`;
}

/** A proxy that gets clusters on demand only. */
async function start(t: TestContext, onDemand: string): Promise<TestProxy> {
  const origin = await startOrigin();
  t.after(() => origin.close());
  const plane = await startControlPlane(t);
  const LDS = [listener("a", onDemand), listener("none", onDemand)];
  plane.set({ LDS, CDS: [cluster("a", origin.port)] });
  const bootstrap = adsBootstrap(plane.port, "DELTA_GRPC").replace(/ {2}cds_config.*\n/, "");
  const proxy = await startProxy(bootstrap);
  t.after(() => proxy.close());
  return proxy;
}

function counts(proxy: TestProxy, prefix: string): unknown {
  const names = ["attempt", "success", "missing", "timeout"];
  return names.map((name) => proxy.stat(`tcp.${prefix}.on_demand_cluster_${name}`));
}

test("a connection waits for its cluster, and ends when there is none", async (t) => {
  const proxy = await start(t, `{ odcds_config: ${ADS} }`);
  const client = new RawClient(proxy.port("a"));
  client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await client.until((received) => received.endsWith("hello"));
  client.close();
  assert.deepEqual(counts(proxy, "a"), [1, 1, 0, 0]);
  const lost = new RawClient(proxy.port("none"));
  await lost.until(() => lost.ended);
  assert.deepEqual(counts(proxy, "none"), [1, 0, 1, 0]);
  assert.equal(proxy.stat("tcp.none.downstream_cx_no_route"), 1);
});

test("a connection whose cluster does not come in its time ends", async (t) => {
  const dead = `{ resource_api_version: V3, api_config_source: { api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: gone } }] } }`;
  const proxy = await start(t, `{ timeout: 0.01s, odcds_config: ${dead} }`);
  const lost = new RawClient(proxy.port("a"));
  await lost.until(() => lost.ended);
  assert.deepEqual(counts(proxy, "a"), [1, 0, 0, 1]);
});
