import { readResource, type VersionedResource } from "@nuncio/xds";
import { clusterConfig, loopback, typed } from "../harness/typed-config.ts";

/** A cluster whose endpoints come from the same management server. */
export function edsCluster(name: string, connectTimeout = "1s"): VersionedResource {
  return readResource("CDS", {
    name,
    type: "EDS",
    connect_timeout: connectTimeout,
    eds_cluster_config: { eds_config: { resource_api_version: "V3", ads: {} } },
  });
}

/** Endpoints at these ports. */
export function endpoints(name: string, ...ports: readonly number[]): VersionedResource {
  const hosts = ports.map((port) => ({ endpoint: { address: loopback(port) } }));
  return readResource("EDS", { cluster_name: name, endpoints: [{ lb_endpoints: hosts }] });
}

/** A listener that takes its routes from the same management server. */
export function listener(name: string, port: number): VersionedResource {
  const manager = typed("hcm", "filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: name,
    rds: { route_config_name: "routes", config_source: { resource_api_version: "V3", ads: {} } },
    http_filters: [typed("router", "filters.http.router.v3.Router")],
  });
  return readResource("LDS", {
    name,
    address: loopback(port),
    filter_chains: [{ filters: [manager] }],
  });
}

/** Everything goes to one cluster. */
export function routes(target: string): VersionedResource {
  return readResource("RDS", {
    name: "routes",
    virtual_hosts: [
      {
        name: "all",
        domains: ["*"],
        routes: [{ match: { prefix: "/" }, route: { cluster: target } }],
      },
    ],
  });
}

/** A bootstrap that takes clusters and listeners over ADS from a port. */
export function adsBootstrap(
  xdsPort: number,
  adminPort: number,
  apiType: "GRPC" | "DELTA_GRPC",
): object {
  const ads = { resource_api_version: "V3", ads: {} };
  return {
    node: { id: "interop", cluster: "interop" },
    admin: { address: loopback(adminPort) },
    dynamic_resources: {
      ads_config: {
        api_type: apiType,
        transport_api_version: "V3",
        grpc_services: [{ envoy_grpc: { cluster_name: "xds" } }],
      },
      cds_config: ads,
      lds_config: ads,
    },
    static_resources: { clusters: [clusterConfig("xds", xdsPort, "http2")] },
  };
}
