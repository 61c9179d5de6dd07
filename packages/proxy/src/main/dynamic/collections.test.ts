import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { adsBootstrap, startControlPlane, type Resources } from "../../testing/control-plane.ts";
import { RawClient } from "../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";

const ADS = "{ resource_api_version: V3, ads: {} }";
const DIRECT = "type.googleapis.com/envoy.extensions.filters.network.direct_response.v3.Config";
const LISTENERS = "xdstp://cp/envoy.config.listener.v3.Listener/edge";
const CLUSTERS = "xdstp://cp/envoy.config.cluster.v3.Cluster/edge";
const ENDPOINTS = "xdstp://cp/envoy.config.endpoint.v3.ClusterLoadAssignment/edge";

function listener(name: string, answer: string): string {
  return `{ name: "${name}", address: { socket_address: { address: 127.0.0.1, port_value: 0 } }, filter_chains: [{ filters: [{ name: d, typed_config: { "@type": ${DIRECT}, response: { inline_string: "${answer}" } } }] }] }`;
}

function cluster(name: string, fields = ""): string {
  return `{ name: "${name}"${fields} }`;
}

async function start(
  t: TestContext,
  resources: Resources,
  params = "",
): Promise<{ proxy: TestProxy; set(next: Resources): void }> {
  const plane = await startControlPlane(t);
  plane.set(resources);
  const bootstrap = adsBootstrap(plane.port, "DELTA_GRPC").replace(
    "dynamic_resources:",
    `${params}
dynamic_resources:
  lds_resources_locator: "${LISTENERS}/*"
  cds_resources_locator: "${CLUSTERS}/*"`,
  );
  const proxy = await startProxy(bootstrap);
  t.after(() => proxy.close());
  return { proxy, set: (next) => plane.set(next) };
}

async function visit(t: TestContext, proxy: TestProxy, name: string): Promise<string> {
  const client = new RawClient(proxy.port(name));
  t.after(() => client.close());
  return client.untilEnd();
}

function names(proxy: TestProxy): string[] {
  return proxy.clusters.statuses().map(({ config }) => config.name);
}

test("listeners and clusters of a collection come, are joined by others, and go", async (t) => {
  const one = listener(`${LISTENERS}/one`, "one");
  const CDS = [cluster(`${CLUSTERS}/a`), cluster(`${CLUSTERS}/deeper/b`), cluster("c")];
  const { proxy, set } = await start(t, { LDS: [one, listener("other", "no")], CDS });
  assert.equal(await visit(t, proxy, `${LISTENERS}/one`), "one");
  assert.deepEqual(proxy.ports("other"), []);
  assert.deepEqual(names(proxy), ["xds", `${CLUSTERS}/a`]);
  set({ LDS: [one, listener(`${LISTENERS}/two`, "two")], CDS });
  await turnsUntil(() => proxy.ports(`${LISTENERS}/two`).length > 0);
  assert.equal(await visit(t, proxy, `${LISTENERS}/two`), "two");
  set({ LDS: [listener(`${LISTENERS}/two`, "two")], CDS: [] });
  await turnsUntil(() => proxy.ports(`${LISTENERS}/one`).length === 0);
  await turnsUntil(() => names(proxy).length === 1);
  assert.deepEqual(names(proxy), ["xds"]);
  assert.equal(await visit(t, proxy, `${LISTENERS}/two`), "two");
});

test("the node's parameters are part of what is asked for", async (t) => {
  const { proxy } = await start(
    t,
    {
      LDS: [
        listener(`${LISTENERS}/mine?xds.node.id=proxy-1`, "mine"),
        listener(`${LISTENERS}/other?xds.node.id=proxy-2`, "no"),
      ],
    },
    "node_context_params: [id]",
  );
  assert.equal(await visit(t, proxy, `${LISTENERS}/mine?xds.node.id=proxy-1`), "mine");
  assert.deepEqual(proxy.ports(`${LISTENERS}/other?xds.node.id=proxy-2`), []);
});

test("endpoints have such names, too", async (t) => {
  const eds = `, type: EDS, eds_cluster_config: { service_name: "${ENDPOINTS}/a", eds_config: ${ADS} }`;
  const address = "{ socket_address: { address: 127.0.0.1, port_value: 7 } }";
  const { proxy } = await start(t, {
    CDS: [cluster(`${CLUSTERS}/a`, eds)],
    EDS: [
      `{ cluster_name: "${ENDPOINTS}/a", endpoints: [{ lb_endpoints: [{ endpoint: { address: ${address} } }] }] }`,
    ],
  });
  const [, { hosts }] = proxy.clusters.statuses() as [unknown, { hosts: readonly unknown[] }];
  assert.equal(hosts.length, 1);
});

test("locators that cannot be followed are refused, and why", async () => {
  const refusal = async (from: string | RegExp, to: string): Promise<string> => {
    const text = adsBootstrap(1, "DELTA_GRPC")
      .replace("dynamic_resources:", `dynamic_resources:\n  cds_resources_locator: "${CLUSTERS}/*"`)
      .replace(from, to);
    const error = await startProxy(text).then(
      (proxy) => {
        proxy.close();
        return null;
      },
      (reason: Error) => reason.message,
    );
    return error ?? "";
  };
  assert.match(await refusal(`${CLUSTERS}/*`, "a"), /a does not have a xdstp:/);
  assert.match(
    await refusal(`${CLUSTERS}/*`, `${LISTENERS}/*`),
    /xdstp:\/\/ type does not match envoy.config.cluster.v3.Cluster in /,
  );
  assert.match(await refusal(/cds_config: .*/, ""), /Only ADS and gRPC in delta-xDS mode/);
  assert.match(
    await refusal(`${CLUSTERS}/*`, "file:///a"),
    /not implemented yet: expected an xdstp:\/\/ name/,
  );
  assert.match(
    await refusal(`${CLUSTERS}/*`, `${CLUSTERS}/*#alt=x`),
    /not implemented yet: directives/,
  );
  assert.match(
    await refusal(
      "dynamic_resources:",
      "node_context_params: [user_agent_name]\ndynamic_resources:",
    ),
    /not implemented yet: expected one of id, cluster, .* got 'user_agent_name'/,
  );
});
