// A control plane: each second a tenth more of the requests goes to the second version of a service.
import { Snapshot, SnapshotCache, XdsServer, listenGrpc, readResource } from "@nuncio/xds";

const TYPE = "type.googleapis.com/envoy.extensions.filters";
const ADS = "{ resource_api_version: V3, ads: {} }";

const clusters = ["v1", "v2"].map((name) =>
  readResource("CDS", `{ name: ${name}, type: EDS, eds_cluster_config: { eds_config: ${ADS} } }`),
);
const endpoints = ["v1", "v2"].map((name, index) => {
  const address = { socket_address: { address: "127.0.0.1", port_value: 9001 + index } };
  const locality = { lb_endpoints: [{ endpoint: { address } }] };
  return readResource("EDS", { cluster_name: name, endpoints: [locality] });
});
const listener = readResource(
  "LDS",
  `name: web
address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
filter_chains:
- filters:
  - name: http
    typed_config:
      "@type": ${TYPE}.network.http_connection_manager.v3.HttpConnectionManager
      stat_prefix: web
      rds: { route_config_name: web, config_source: ${ADS} }
      http_filters: [{ name: router, typed_config: { "@type": ${TYPE}.http.router.v3.Router } }]`,
);
function routes(v2: number): ReturnType<typeof readResource> {
  const weights = `[{ name: v1, weight: ${100 - v2} }, { name: v2, weight: ${v2} }]`;
  const route = `{ match: { prefix: / }, route: { weighted_clusters: { clusters: ${weights} } } }`;
  return readResource(
    "RDS",
    `{ name: web, virtual_hosts: [{ name: all, domains: ["*"], routes: [${route}] }] }`,
  );
}

const cache = new SnapshotCache({ groupOf: () => "all" });
const server = new XdsServer({ cache });
const { address } = await listenGrpc(server, { port: Number(process.env["PORT"] ?? 18000) });
process.stdout.write(`xDS on port ${address.port}\n`);
for (let v2 = 0; ; v2 = v2 === 100 ? 0 : v2 + 10) {
  cache.set("all", new Snapshot([...clusters, ...endpoints, listener, routes(v2)]));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
}
