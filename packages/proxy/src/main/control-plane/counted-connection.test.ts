import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { StatsStore } from "../../observe/stats/store.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import { adsBootstrap, startControlPlane } from "../../testing/control-plane.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";
import { clusterConfig } from "../../upstream/testing/cluster-config.ts";
import { CountedConnection } from "./counted-connection.ts";

const CLUSTER =
  "{ name: a, load_assignment: { cluster_name: a, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } } }] }] } }";

function counted(proxy: TestProxy, ...names: string[]): (number | undefined)[] {
  return names.map((name) => proxy.stat(`cluster.xds.${name}`));
}

test("a connection to a control plane counts in its cluster's statistics, and so does its end", async (t) => {
  const plane = await startControlPlane(t);
  plane.set({ CDS: [CLUSTER] });
  const proxy = await startProxy(adsBootstrap(plane.port, "GRPC"));
  t.after(() => proxy.close());
  const open = ["upstream_cx_active", "upstream_rq_active", "http2.streams_active"];
  assert.deepEqual(counted(proxy, ...open), [1, 1, 1]);
  assert.deepEqual(
    counted(proxy, "upstream_cx_total", "upstream_cx_http2_total", "upstream_rq_pending_total"),
    [1, 1, 1],
  );
  assert.deepEqual(counted(proxy, "upstream_rq_pending_active", "upstream_rq_200"), [0, 1]);
  assert.deepEqual(counted(proxy, "internal.upstream_rq_200", "upstream_rq_completed"), [1, 1]);
  const [received, sent] = counted(
    proxy,
    "upstream_cx_rx_bytes_total",
    "upstream_cx_tx_bytes_total",
  );
  // The preface of HTTP/2, and at least its first SETTINGS.
  assert.ok(received! > 9 && sent! > 24 + 9, `${received} ${sent}`);

  await plane.close();
  await turnsUntil(() => proxy.stat("cluster.xds.upstream_cx_connect_fail")! > 0);
  assert.deepEqual(counted(proxy, ...open), [0, 0, 0]);
  assert.deepEqual(
    counted(
      proxy,
      "upstream_cx_destroy_with_active_rq",
      "upstream_cx_destroy_remote_with_active_rq",
      "upstream_cx_destroy_local",
      "upstream_rq_total",
    ),
    [1, 1, 0, 1],
  );
  const [failed, unavailable, destroyed, ejected] = counted(
    proxy,
    "upstream_cx_connect_fail",
    "upstream_rq_503",
    "upstream_cx_destroy",
    "upstream_rq_pending_failure_eject",
  );
  assert.equal(unavailable, failed);
  // One of them was connected.
  assert.deepEqual([destroyed, ejected], [failed! + 1, failed! + 1]);
});

test("a control plane is told by its name, and what it gave by versions", async (t) => {
  const plane = await startControlPlane(t);
  plane.set({ CDS: [CLUSTER] });
  const proxy = await startProxy(adsBootstrap(plane.port, "GRPC"));
  t.after(() => proxy.close());
  assert.equal(proxy.textReadout("control_plane.identifier"), "nuncio");
  const version = proxy.textReadout("cluster_manager.cds.version_text")!;
  assert.match(version, /^[0-9a-f]{16}$/);
  const types = proxy.controlPlanes().sources.flatMap((source) => source.types);
  assert.equal(types.find(({ typeUrl }) => typeUrl.endsWith(".Cluster"))?.version, version);
  assert.ok(proxy.stat("cluster_manager.cds.version")! > 0);
  assert.equal(proxy.stat("cluster_manager.cds.config_reload"), 1);
  assert.equal(proxy.textReadout("listener_manager.lds.version_text")?.length, 16);
});

test("streams of one type are counted beside their subscription, as is what a limit holds back", async (t) => {
  const plane = await startControlPlane(t);
  plane.set({ CDS: [CLUSTER] });
  const ads = adsBootstrap(plane.port, "GRPC");
  const api = `api_type: GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: xds } }]`;
  const source = `{ resource_api_version: V3, api_config_source: { ${api}, rate_limit_settings: { max_tokens: 1, fill_rate: 0.1 } } }`;
  const yaml = ads
    .replace(/ {2}ads_config:[^]*?(?= {2}cds_config)/, "")
    .replace("cds_config: { resource_api_version: V3, ads: {} }", `cds_config: ${source}`)
    .replace(/ {2}lds_config: .*\n/, "");
  const proxy = await startProxy(yaml);
  t.after(() => proxy.close());
  const prefix = "cluster_manager.cds.control_plane.";
  assert.equal(proxy.stat(`${prefix}connected_state`), 1);
  assert.equal(proxy.textReadout(`${prefix}identifier`), "nuncio");
  // The first request took the one token there is: the answer to the response waits for the next.
  await turnsUntil(() => proxy.stat(`${prefix}rate_limit_enforced`) === 1);
  assert.equal(proxy.stat(`${prefix}pending_requests`), 1);
  assert.equal(proxy.stat("control_plane.connected_state"), undefined);
});

test("nobody to connect to is counted", async (t) => {
  const plane = await startControlPlane(t);
  const yaml = adsBootstrap(plane.port, "GRPC").replaceAll(
    "ads: {} }",
    "ads: {}, initial_fetch_timeout: 0.05s }",
  );
  const proxy = await startProxy(yaml.replace(/endpoints: \[.*\]\n/, "endpoints: []\n"));
  t.after(() => proxy.close());
  assert.ok(proxy.stat("cluster.xds.upstream_cx_none_healthy")! > 0);
  assert.equal(proxy.stat("cluster.xds.upstream_cx_total"), 0);
});

test("a connection that is not there in connect_timeout is given up", async () => {
  const store = new StatsStore();
  const scope = store.scope("cluster.c.", CLUSTER_STATS);
  const config = { ...clusterConfig({ connectTimeoutMs: 1 }), scope };
  const counter = new CountedConnection(
    { config, isThere: () => true, countHost() {} },
    store.main,
    true,
  );
  const socket = new net.Socket();
  const failure = new Promise<Error>((resolve) => void socket.once("error", resolve));
  await new Promise<void>((resolve) => void counter.follow(socket, resolve));
  assert.equal((await failure).message, "connection timeout");
  const stat = (name: keyof typeof CLUSTER_STATS.at): number =>
    store.main.slots[scope.base + CLUSTER_STATS.at[name]]!;
  assert.deepEqual([stat("upstream_cx_connect_timeout"), stat("upstream_cx_connect_fail")], [1, 1]);
  assert.deepEqual([stat("upstream_cx_destroy_local"), stat("upstream_cx_active")], [1, 0]);
});
