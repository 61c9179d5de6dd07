import { create } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import { readResource } from "../types/read-resource.ts";
import type { ResourceOptions, VersionedResource } from "../types/versioned-resource.ts";

/** A static cluster; another `timeout` makes another version. */
export function cluster(
  name: string,
  timeout = "1s",
  options?: ResourceOptions,
): VersionedResource {
  return readResource("CDS", { name, connect_timeout: timeout }, options);
}

/** A cluster that asks the same server for its endpoints. */
export function edsCluster(name: string, timeout = "1s", serviceName = ""): VersionedResource {
  return readResource("CDS", {
    name,
    connect_timeout: timeout,
    type: "EDS",
    eds_cluster_config: { service_name: serviceName, eds_config: { ads: {} } },
  });
}

/** Endpoints; another `weight` makes another version. */
export function endpoints(name: string, weight = 1, options?: ResourceOptions): VersionedResource {
  const json = { cluster_name: name, endpoints: [{ load_balancing_weight: weight }] };
  return readResource("EDS", json, options);
}

/** A listener with a connection manager that asks the same server for its routes. */
export function listener(name: string, routeTable = `${name}-routes`): VersionedResource {
  const type = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
  const manager = {
    "@type": `type.googleapis.com/${type}`,
    stat_prefix: name,
    rds: { config_source: { ads: {} }, route_config_name: routeTable },
  };
  return readResource("LDS", {
    name,
    filter_chains: [{ filters: [{ name: "hcm", typed_config: manager }] }],
  });
}

/** A route table that sends everything to a cluster. */
export function routes(name: string, target: string): VersionedResource {
  const all = { match: { prefix: "/" }, route: { cluster: target } };
  return readResource("RDS", {
    name,
    virtual_hosts: [{ name: "all", domains: ["*"], routes: [all] }],
  });
}

/** A virtual host that sends everything to a cluster. */
export function virtualHost(name: string, target: string): VersionedResource {
  const all = { match: { prefix: "/" }, route: { cluster: target } };
  return readResource("VHDS", { name, domains: [name], routes: [all] });
}

/** A node of this id. */
export function node(id = "n"): Node {
  const desc = envoyTypes().getMessage("envoy.config.core.v3.Node")!;
  return Object.assign(create(desc) as Node, { id });
}
