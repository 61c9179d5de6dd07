import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import {
  listenGrpc,
  SnapshotCache,
  XdsServer,
  type ClusterStats,
  type LoadReport,
  type LoadReportSettings,
} from "@nuncio/xds";
import { RawClient, startOrigin } from "../../testing/origin.ts";
import { startProxy, type TestProxy } from "../../testing/proxy.ts";
import { turnsUntil } from "../../testing/turns.ts";

const HCM =
  "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ROUTER =
  '{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }';
const HTTP2 =
  '{ envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http2_protocol_options: {} } } }';

function cluster(name: string, port: number, fields = ""): string {
  const address = `{ socket_address: { address: 127.0.0.1, port_value: ${port} } }`;
  const endpoints = `[{ locality: { region: r, zone: z }, priority: 0, lb_endpoints: [{ endpoint: { address: ${address} } }] }]`;
  return `  - { name: ${name}, load_assignment: { cluster_name: ${name}, endpoints: ${endpoints} }${fields} }\n`;
}

/** A cluster whose endpoints come from a file, and all of whose requests are to be dropped. */
function droppingCluster(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-drop-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "endpoints.yaml");
  writeFileSync(
    path,
    `resources:
- "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
  cluster_name: svc
  policy: { drop_overloads: [{ category: lb, drop_percentage: { numerator: 100 } }] }
  endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } } }] }]
`,
  );
  const source = `{ resource_api_version: V3, path_config_source: { path: ${path} } }`;
  return `  - { name: dropping, type: EDS, eds_cluster_config: { service_name: svc, eds_config: ${source} } }\n`;
}

/** A proxy with the clusters `up`, `down` (nobody listens), `full`, `resting` and `dropping`, which tells a server its load. */
async function reporting(
  t: TestContext,
  settings: LoadReportSettings,
): Promise<{ proxy: TestProxy; reports: LoadReport[] }> {
  const reports: LoadReport[] = [];
  const origin = await startOrigin();
  t.after(() => origin.close());
  const listening = await listenGrpc(new XdsServer({ cache: new SnapshotCache() }), {
    loadReports: { settingsFor: () => settings, onReport: (report) => void reports.push(report) },
  });
  t.after(() => listening.close());
  const names = ["up", "down", "full", "resting", "dropping"];
  const routes = names.map(
    (name) => `{ match: { prefix: /${name} }, route: { cluster: ${name} } }`,
  );
  const proxy = await startProxy(`
node: { id: proxy-1, cluster: test }
layered_runtime: { layers: [{ name: s, static_layer: { upstream.maintenance_mode.resting: 100 } }, { name: a, admin_layer: {} }] }
cluster_manager:
  load_stats_config: { api_type: GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: lrs } }] }
static_resources:
  listeners:
  - name: web
    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": ${HCM}
          stat_prefix: in
          route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [${routes.join(", ")}] }] }
          http_filters: [${ROUTER}]
  clusters:
${droppingCluster(t)}${cluster("up", origin.port)}${cluster("down", 1)}${cluster("resting", origin.port)}${cluster(
    "full",
    origin.port,
    ", circuit_breakers: { thresholds: [{ max_pending_requests: 0, max_connections: 0 }] }",
  )}${cluster("lrs", listening.address.port, `, typed_extension_protocol_options: ${HTTP2}`)}`);
  t.after(() => proxy.close());
  await turnsUntil(() => proxy.stat("load_reporter.requests") === 1);
  return { proxy, reports };
}

async function ask(proxy: TestProxy, path: string): Promise<void> {
  const client = new RawClient(proxy.port("web"));
  client.send(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  await client.until(() => client.ended);
  client.socket.destroy();
}

/** The sums of all reports until `until` says that they are right. */
async function sums(
  reports: readonly LoadReport[],
  until: (byCluster: Map<string, number[]>) => boolean,
): Promise<Map<string, number[]>> {
  let byCluster = new Map<string, number[]>();
  await turnsUntil(() => {
    byCluster = new Map();
    for (const { clusterStats } of reports) for (const one of clusterStats) add(byCluster, one);
    return until(byCluster);
  });
  return byCluster;
}

/** Issued, successful, failed, dropped. */
function add(byCluster: Map<string, number[]>, stats: ClusterStats): void {
  const sum = byCluster.get(stats.clusterName) ?? [0, 0, 0, 0];
  for (const locality of stats.upstreamLocalityStats) {
    sum[0]! += Number(locality.totalIssuedRequests);
    sum[1]! += Number(locality.totalSuccessfulRequests);
    sum[2]! += Number(locality.totalErrorRequests);
  }
  sum[3]! += Number(stats.totalDroppedRequests);
  byCluster.set(stats.clusterName, sum);
}

const options = { timeout: 30_000 };

test(
  "what went to clusters is told to whom it may concern, and what was dropped",
  options,
  async (t) => {
    const { proxy, reports } = await reporting(t, { clusters: "all", intervalMs: 20 });
    for (const path of ["/up", "/up", "/down", "/full", "/dropping", "/resting", "/resting"])
      await ask(proxy, path);
    const total = await sums(reports, (all) => all.get("resting")?.[3] === 2);
    assert.deepEqual(total.get("up"), [2, 2, 0, 0]);
    assert.deepEqual(total.get("down"), [0, 0, 1, 0]);
    assert.deepEqual(total.get("full"), [0, 0, 0, 1]);
    assert.deepEqual(total.get("resting"), [0, 0, 0, 2]);
    assert.deepEqual(total.get("dropping"), [0, 0, 0, 1]);
    const stats = reports.flatMap(({ clusterStats }) => clusterStats);
    const dropped = stats.find(({ droppedRequests }) => droppedRequests.length > 0)!;
    assert.equal(dropped.clusterServiceName, "svc");
    assert.deepEqual(
      dropped.droppedRequests.map(({ category, droppedCount }) => [category, droppedCount]),
      [["lb", 1n]],
    );
    const used = stats.find(
      (one) => one.clusterName === "up" && one.upstreamLocalityStats.length > 0,
    );
    const [locality] = used!.upstreamLocalityStats;
    assert.deepEqual(
      [
        locality!.locality?.region,
        locality!.locality?.zone,
        locality!.upstreamEndpointStats.length,
      ],
      ["r", "z", 0],
    );
    assert.ok(used!.loadReportInterval!.nanos > 0);
    // The stream of the reports is a request under way to its own cluster.
    const own = stats.find((one) => one.clusterName === "lrs")!.upstreamLocalityStats[0]!;
    assert.equal(own.totalRequestsInProgress, 1n);
  },
);

test("one cluster, by its endpoints", options, async (t) => {
  const { proxy, reports } = await reporting(t, {
    clusters: ["up", "missing"],
    intervalMs: 20,
    byEndpoint: true,
  });
  await ask(proxy, "/up");
  const total = await sums(reports, (all) => all.get("up")?.[1] === 1);
  assert.deepEqual([...total.keys()], ["up"]);
  const used = reports
    .flatMap(({ clusterStats }) => clusterStats)
    .flatMap(({ upstreamLocalityStats }) => upstreamLocalityStats)
    .find(({ totalSuccessfulRequests }) => totalSuccessfulRequests === 1n);
  const [endpoint] = used!.upstreamEndpointStats;
  assert.equal(endpoint!.totalSuccessfulRequests, 1n);
  const { address } = endpoint!.address!;
  assert.ok(address.case === "socketAddress" && address.value.address === "127.0.0.1");
});

test("who cannot take load reports is told so", async () => {
  const config = (fields: string): Promise<TestProxy> =>
    startProxy(`cluster_manager: { load_stats_config: { transport_api_version: V3, ${fields} } }`);
  await assert.rejects(
    config("api_type: REST, cluster_names: [lrs], refresh_delay: 1s"),
    /load_stats_config\.api_type: expected GRPC: load reporting is a stream/,
  );
  await assert.rejects(
    config("api_type: GRPC, grpc_services: [{ envoy_grpc: { cluster_name: lrs } }]"),
    /Unknown gRPC client cluster 'lrs'/,
  );
});
