import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ALL_GATEWAYS, ControlPlane } from "../control-plane.ts";
import { StatusList } from "../status/status-list.ts";
import { StatusWatch } from "../status/status-watch.ts";
import { asRead } from "../testing/as-read.ts";
import { TestDataPlane } from "../testing/data-plane.ts";
import { testGateway } from "../testing/test-objects.ts";
import { DEFAULT_GATEWAY_CLASS } from "../translator/classes/default-class.ts";
import { listenAdmin } from "./admin-server.ts";
import { controlPlanePages } from "./control-plane-pages.ts";

interface Fixture {
  readonly controlPlane: ControlPlane;
  notReady: string | undefined;
  get(path: string, method?: string): Promise<Response>;
  json(path: string): Promise<unknown>;
}

async function fixture(t: TestContext): Promise<Fixture> {
  const controlPlane = new ControlPlane({
    dataPlanes: "one",
    xds: { host: "127.0.0.1", port: 0 },
    onDefect: (stage, key, error) => assert.fail(`${stage} ${key}: ${String(error)}`),
  });
  const statuses = new StatusList({ now: () => 0 });
  const watch = new StatusWatch(controlPlane.pipeline.statuses);
  controlPlane.onSettled = () => statuses.update(watch.take());
  const notReady = (): string | undefined => made.notReady;
  const admin = await listenAdmin(controlPlanePages({ controlPlane, statuses, notReady }), {
    host: "127.0.0.1",
    port: 0,
  });
  t.after(() => admin.close());
  const get = (path: string, method = "GET"): Promise<Response> =>
    fetch(`http://${admin.address}${path}`, { method });
  const made: Fixture = {
    controlPlane,
    notReady: undefined,
    get,
    json: async (path) => (await get(path)).json(),
  };
  controlPlane.store.put(DEFAULT_GATEWAY_CLASS);
  const web = testGateway([{ name: "http", port: 80, protocol: "HTTP" }]);
  controlPlane.store.put(asRead(web));
  controlPlane.settle();
  return made;
}

test("pages are listed; what is none, or would change something, is refused", async (t) => {
  const { get } = await fixture(t);
  assert.match(await (await get("/")).text(), /^\/ready +200 when .*\n\/status .*\n\/config /);
  const other = await get("/stauts");
  assert.equal(other.status, 404);
  assert.match(await other.text(), /^expected one of \/ready, .*; got \/stauts\n$/);
  assert.equal((await get("/ready", "POST")).status, 405);
  const head = await get("/ready", "HEAD");
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

test("ready is who can serve data planes", async (t) => {
  const made = await fixture(t);
  made.notReady = "resources are being read";
  const before = await made.get("/ready");
  assert.equal(
    `${before.status} ${await before.text()}`,
    "503 not ready: resources are being read\n",
  );
  made.notReady = undefined;
  assert.equal((await made.get("/ready")).status, 200);
});

test("statuses are those that a status file would have", async (t) => {
  const { json } = await fixture(t);
  const { items } = (await json("/status")) as { items: { kind: string; status: object }[] };
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ["Gateway", "GatewayClass"],
  );
  const [gateway] = items;
  assert.match(JSON.stringify(gateway), /"lastTransitionTime":"1970-01-01T00:00:00Z"/);
});

test("what data planes are given, by Gateway and type", async (t) => {
  const { get, json } = await fixture(t);
  const tree = (await json("/config")) as Record<string, Record<string, unknown[]>>;
  assert.deepEqual(Object.keys(tree), ["infra/web"]);
  assert.equal(tree["infra/web"]?.["listener"]?.length, 1);
  const part = (await json("/config?type=listener&gateway=infra/web")) as typeof tree;
  assert.deepEqual(part, { "infra/web": { listener: tree["infra/web"]?.["listener"] } });
  for (const [query, status, words] of [
    ["type=listner", 400, /^type: expected bootstrap, .*; got "listner"\n$/],
    ["gateway=infra/none", 404, /^gateway: expected one that is served, got "infra\/none"\n$/],
  ] as const) {
    const answer = await get(`/config?${query}`);
    assert.equal(answer.status, status);
    assert.match(await answer.text(), words);
  }
});

test("data planes, with what they refuse in their words; and counters of it", async (t) => {
  const { controlPlane, get, json } = await fixture(t);
  const plane = new TestDataPlane(controlPlane.server, ALL_GATEWAYS);
  plane.refusals.set("infra/web/tcp-80", "no such port");
  plane.want("CDS");
  plane.want("LDS");
  plane.settle();
  await turn();
  const { clients } = (await json("/xds")) as { clients: { types: unknown[] }[] };
  assert.equal(clients.length, 1);
  const [clusters, listeners] = clients[0]!.types as Record<string, unknown>[];
  assert.ok(clusters!["accepted"]);
  assert.deepEqual(listeners!["counts"], { refused: 1 });
  const [refused] = listeners!["resources"] as { name: string; refused: { message: string } }[];
  assert.deepEqual([refused!.name, refused!.refused.message], ["infra/web/tcp-80", "no such port"]);

  const stats = await (await get("/stats/prometheus")).text();
  for (const line of [
    'nuncio_gateway_objects{kind="Gateway"} 1',
    "nuncio_gateway_xds_clients 1",
    'nuncio_gateway_xds_nacks_total{type="LDS"} 1',
    'nuncio_gateway_xds_acks_total{type="CDS"} 1',
    'nuncio_gateway_xds_resources_total{type="LDS"} 1',
    "nuncio_gateway_xds_refused_resources 1",
    'nuncio_gateway_stage_computed_total{stage="listeners"} 1',
    `nuncio_gateway_changes_total ${controlPlane.counters.changes}`,
    `nuncio_gateway_change_cpu_seconds_total ${controlPlane.counters.changeCpuMicroseconds / 1e6}`,
  ])
    assert.ok(stats.includes(`\n${line}\n`), line);
});
