/** The router, as an item of `http_filters`. */
export const ROUTER_FILTER =
  '{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }';

/**
 * A bootstrap of one listener (`main`, port 0) with an HTTP connection manager (stats below `http.in.`). `manager`: its fields,
 * lines of YAML at ten spaces; `clusters`: in flow style.
 */
export function httpBootstrap(manager: string, clusters: readonly string[] = []): string {
  return `
static_resources:
  listeners:
  - name: main
    address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: in
          ${manager}
  clusters: [${clusters.join(", ")}]
`;
}

/** A cluster of one host on loopback, in flow style; `more`: further fields of it. */
export function clusterYaml(name: string, port: number, more = ""): string {
  const address = `{ socket_address: { address: 127.0.0.1, port_value: ${port} } }`;
  const hosts = `endpoints: [{ lb_endpoints: [{ endpoint: { address: ${address} } }] }]`;
  return `{ name: ${name}, load_assignment: { cluster_name: ${name}, ${hosts} }${more === "" ? "" : `, ${more}`} }`;
}
