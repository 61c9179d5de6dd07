import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  type NamedResource,
  type Resources,
  startControlPlane,
  startManagedProxy,
} from "../../testing/control-plane.ts";
import type { TestProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";

const ADS = "{ resource_api_version: V3, ads: {} }";
const FOLDER = "xdstp://cp/envoy.config.endpoint.v3.LbEndpoint/a";
const CDS = [`{ name: a, type: EDS, eds_cluster_config: { eds_config: ${ADS} } }`];

function locality(zone: string, collection: string): string {
  return `{ locality: { zone: "${zone}" }, load_balancing_weight: 1, leds_cluster_locality_config: { leds_collection_name: "${collection}", leds_config: ${ADS} } }`;
}

function assignment(...localities: readonly string[]): string {
  return `{ cluster_name: a, endpoints: [${localities.join(", ")}] }`;
}

function endpoint(name: string, port: number, fields = ""): NamedResource {
  const address = `{ socket_address: { address: 127.0.0.1, port_value: ${port} } }`;
  return { name: `${FOLDER}/${name}`, text: `{ endpoint: { address: ${address} }${fields} }` };
}

async function start(
  t: TestContext,
  resources: Resources,
): Promise<{ proxy: TestProxy; set(next: Resources): void }> {
  const plane = await startControlPlane(t);
  plane.set(resources);
  const proxy = await startManagedProxy(t, plane, "DELTA_GRPC");
  return { proxy, set: (next) => plane.set(next) };
}

/** Ports of the cluster's hosts, with their zones. */
function hosts(proxy: TestProxy): string[] {
  const status = proxy.clusters.statuses().find(({ config }) => config.name === "a");
  return status!.hosts.map(({ address, locality: { zone } }) => `${zone} ${address.text}`);
}

test("endpoints come one by one, by locality, change and go", async (t) => {
  const EDS = [assignment(locality("x", `${FOLDER}/x/*`), locality("y", `${FOLDER}/y/*`))];
  const { proxy, set } = await start(t, {
    CDS,
    EDS,
    LEDS: [endpoint("x/1", 1), endpoint("x/2", 2), endpoint("y/1", 3)],
  });
  assert.deepEqual(hosts(proxy), ["x 127.0.0.1:1", "x 127.0.0.1:2", "y 127.0.0.1:3"]);
  set({ CDS, EDS, LEDS: [endpoint("x/1", 1), endpoint("x/2", 4), endpoint("y/1", 3)] });
  await turnsUntil(() => hosts(proxy).includes("x 127.0.0.1:4"));
  assert.deepEqual(hosts(proxy), ["x 127.0.0.1:1", "x 127.0.0.1:4", "y 127.0.0.1:3"]);
  set({ CDS, EDS, LEDS: [endpoint("x/1", 1), endpoint("y/1", 3)] });
  await turnsUntil(() => hosts(proxy).length === 2);
  assert.deepEqual(hosts(proxy), ["x 127.0.0.1:1", "y 127.0.0.1:3"]);
  assert.equal(proxy.stat("cluster.a.leds.update_rejected"), 0);
  assert.equal(proxy.stat("cluster.a.update_success"), 1);
});

test("an endpoint that is refused leaves the others and what was there", async (t) => {
  const EDS = [assignment(locality("x", `${FOLDER}/x/*`))];
  const { proxy, set } = await start(t, { CDS, EDS, LEDS: [endpoint("x/1", 1)] });
  const bad = { name: `${FOLDER}/x/1`, text: "{ endpoint: {} }" };
  set({ CDS, EDS, LEDS: [bad, endpoint("x/2", 2)] });
  await turnsUntil(() => hosts(proxy).length === 2);
  assert.deepEqual(hosts(proxy), ["x 127.0.0.1:1", "x 127.0.0.1:2"]);
  await turnsUntil(() => proxy.stat("cluster.a.leds.update_rejected") === 1);
});

test("the cluster waits for its collections; one with nothing in it is an answer", async (t) => {
  const EDS = [assignment(locality("x", `${FOLDER}/x/*`), locality("y", `${FOLDER}/y/*`))];
  const { proxy } = await start(t, { CDS, EDS, LEDS: [endpoint("y/1", 3)] });
  assert.deepEqual(hosts(proxy), ["y 127.0.0.1:3"]);
  assert.equal(proxy.stat("cluster_manager.warming_clusters"), 0);
});

test("hosts stay until the collections of the next assignment have come", async (t) => {
  const LEDS = [endpoint("x/1", 1), endpoint("y/1", 3)];
  const { proxy, set } = await start(t, {
    CDS,
    EDS: [assignment(locality("x", `${FOLDER}/x/*`))],
    LEDS,
  });
  assert.deepEqual(hosts(proxy), ["x 127.0.0.1:1"]);
  set({ CDS, EDS: [assignment(locality("y", `${FOLDER}/y/*`))], LEDS });
  await turnsUntil(() => hosts(proxy)[0] !== "x 127.0.0.1:1");
  assert.deepEqual(hosts(proxy), ["y 127.0.0.1:3"]);
  // A locality may have its endpoints itself again.
  const address = "{ socket_address: { address: 127.0.0.1, port_value: 7 } }";
  const own = `{ locality: { zone: z }, lb_endpoints: [{ endpoint: { address: ${address} } }] }`;
  set({ CDS, EDS: [assignment(own)], LEDS });
  await turnsUntil(() => hosts(proxy)[0] === "z 127.0.0.1:7");
  assert.deepEqual(hosts(proxy), ["z 127.0.0.1:7"]);
});
