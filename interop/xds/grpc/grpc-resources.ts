import { readResource, type VersionedResource } from "@nuncio/xds";
import { loopback, typed } from "../../harness/typed-config.ts";

const ADS = { resource_api_version: "V3", ads: {} };

/** What clients without a proxy dial: `xds:///peer.interop`. */
export const TARGET = "peer.interop";

/** An endpoint as its cluster tells of it. */
export interface PlacedEndpoint {
  readonly port: number;
  readonly isUnhealthy?: boolean;
  /** 0 unless given; another priority is another locality. */
  readonly priority?: number;
}

/** What a client of gRPC looks up first: it names the route table. */
export function apiListener(): VersionedResource {
  const { typed_config: manager } = typed(
    "hcm",
    "filters.network.http_connection_manager.v3.HttpConnectionManager",
    {
      rds: { route_config_name: "grpc-routes", config_source: ADS },
      http_filters: [typed("router", "filters.http.router.v3.Router")],
      stat_prefix: "grpc",
    },
  ) as { typed_config: object };
  return readResource("LDS", { name: TARGET, api_listener: { api_listener: manager } });
}

/** Sends so much to each cluster. */
export function weightedRoutes(weights: Readonly<Record<string, number>>): VersionedResource {
  const clusters = Object.entries(weights).map(([name, weight]) => ({ name, weight }));
  const route = { match: { prefix: "" }, route: { weighted_clusters: { clusters } } };
  return readResource("RDS", {
    name: "grpc-routes",
    virtual_hosts: [{ name: "all", domains: ["*"], routes: [route] }],
  });
}

/** A cluster whose endpoints come from the same server. */
export function grpcCluster(name: string): VersionedResource {
  return readResource("CDS", {
    name,
    type: "EDS",
    eds_cluster_config: { eds_config: ADS, service_name: `${name}-endpoints` },
    lb_policy: "ROUND_ROBIN",
  });
}

/** The endpoints of a cluster; gRPC needs a weight and a name of each locality. */
export function placedEndpoints(
  name: string,
  endpoints: readonly PlacedEndpoint[],
): VersionedResource {
  const byPriority = Map.groupBy(endpoints, ({ priority = 0 }) => priority);
  return readResource("EDS", {
    cluster_name: `${name}-endpoints`,
    endpoints: Array.from(byPriority, ([priority, members]) => ({
      priority,
      locality: { zone: `zone-${priority}` },
      load_balancing_weight: 1,
      lb_endpoints: members.map(({ port, isUnhealthy = false }) => ({
        endpoint: { address: loopback(port) },
        health_status: isUnhealthy ? "UNHEALTHY" : "HEALTHY",
      })),
    })),
  });
}
