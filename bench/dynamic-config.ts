import { readResource, type VersionedResource } from "@nuncio/xds";
import { loopback, typed } from "../interop/harness/typed-config.ts";
import { pathOfRoute } from "./envoy-config.ts";

const ROUTES = "routes";

/** One listener, whose routes come from the same control plane. */
export function managedListener(port: number): VersionedResource {
  const manager = typed("hcm", "filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: "bench",
    rds: { route_config_name: ROUTES, config_source: { resource_api_version: "V3", ads: {} } },
    http_filters: [typed("router", "filters.http.router.v3.Router")],
  });
  return readResource("LDS", {
    name: "bench",
    address: loopback(port),
    filter_chains: [{ filters: [manager] }],
  });
}

/** A route to each cluster. */
export function manyRoutes(
  count: number,
  clusterName: (index: number) => string,
): VersionedResource {
  const routes = Array.from({ length: count }, (_, index) => ({
    match: { prefix: pathOfRoute(index + 1) },
    route: { cluster: clusterName(index + 1) },
  }));
  return readResource("RDS", {
    name: ROUTES,
    virtual_hosts: [{ name: "all", domains: ["*"], routes }],
  });
}
