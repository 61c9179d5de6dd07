import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { listenGrpc, readResource, Snapshot, SnapshotCache, XdsServer } from "@nuncio/xds";
import { ask } from "../harness/ask.ts";
import type { Certificate } from "../harness/certificate.ts";
import { freePorts } from "../harness/free-ports.ts";
import type { ProxyKind, RunningProxy } from "../harness/proxy-process.ts";
import { loopback } from "../harness/typed-config.ts";
import { until } from "../harness/until.ts";
import { moveTo, readBootstrap, withBootstrap, type ExampleCluster } from "./managed-bootstrap.ts";
import { startStandIn } from "./stand-in.ts";

/** An entry of the admin's `/config_dump`, as the example has it in a file. */
interface DumpedCluster {
  readonly version_info: string;
  readonly cluster: ExampleCluster;
}

/**
 * `dynamic-config-cp`, by the example's own steps: a first configuration is served, the management server goes away and nothing changes, it comes back with
 * a second one, and the admin shows what the example says.
 */
export async function runDynamicConfig(
  kind: ProxyKind,
  folder: string,
  certificate: Certificate,
): Promise<void> {
  const [admin, xds, listener, one, two] = (await freePorts(5)) as Five;
  const standIns = [
    await startStandIn("service1", one, certificate),
    await startStandIn("service2", two, certificate),
  ];
  const bootstrap = readBootstrap(folder, admin);
  moveTo(bootstrap.static_resources.clusters[0]!, xds);
  const answers = (name: string): Promise<void> =>
    until(`${name} answered`, async () => (await bodyOf(listener)) === `${name} over plain`);
  const serve = (dumped: DumpedCluster): Promise<{ close(): Promise<void> }> =>
    listenGrpc(serverOf(dumped, listener), { port: xds });
  const before = readDump(join(folder, "_include", "response-config-active-clusters.json"), one);
  const after = readDump(
    join(folder, "_include", "response-config-active-clusters-updated.json"),
    two,
  );
  // A proxy is ready when it has its first configuration.
  const first = await serve(before);
  try {
    await withBootstrap(kind, bootstrap, admin, [], async (proxy) => {
      await shows(proxy, before);
      await answers("service1");
      await first.close();
      await answers("service1");
      const second = await serve(after);
      await shows(proxy, after);
      await answers("service2");
      await second.close();
    });
  } finally {
    for (const standIn of standIns) standIn.close();
  }
}

/** Empty while nobody answers. */
function bodyOf(port: number): Promise<string> {
  return ask(port, "/").then(
    ({ body }) => body,
    () => "",
  );
}

/** What the admin is to show, with the endpoint on this machine. */
function readDump(file: string, port: number): DumpedCluster {
  const [dumped] = JSON.parse(readFileSync(file, "utf8")) as [DumpedCluster];
  moveTo(dumped.cluster, port);
  return dumped;
}

/** The only cluster that came from the management server. */
async function shows(
  proxy: RunningProxy,
  { cluster, version_info: version }: DumpedCluster,
): Promise<void> {
  await until(`the admin showed version ${version}`, async () => {
    const dump = JSON.parse(await proxy.admin("/config_dump?resource=dynamic_active_clusters")) as {
      readonly configs?: readonly DumpedCluster[];
    };
    const seen = dump.configs?.map((one) => [one.version_info, one.cluster]);
    return isDeepStrictEqual(seen, [[version, cluster]]);
  });
}

type Five = [number, number, number, number, number];

/** A server of one cluster, and a listener with its route, as the example's has them. */
function serverOf({ cluster, version_info: version }: DumpedCluster, listener: number): XdsServer {
  const cache = new SnapshotCache();
  const HCM =
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
  const ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";
  const manager = {
    "@type": HCM,
    stat_prefix: "http",
    rds: {
      route_config_name: "local_route",
      config_source: { resource_api_version: "V3", ads: {} },
    },
    http_filters: [{ name: "envoy.filters.http.router", typed_config: { "@type": ROUTER } }],
  };
  const route = { match: { prefix: "/" }, route: { cluster: cluster.name } };
  const { "@type": _type, ...resource } = cluster;
  const resources = [
    readResource("CDS", resource),
    readResource("RDS", {
      name: "local_route",
      virtual_hosts: [{ name: "local_service", domains: ["*"], routes: [route] }],
    }),
    readResource("LDS", {
      name: "listener_0",
      address: loopback(listener),
      filter_chains: [{ filters: [{ name: "hcm", typed_config: manager }] }],
    }),
  ];
  cache.set("test-id", new Snapshot(resources, version));
  return new XdsServer({ cache });
}
