import { create, fromJson } from "@bufbuild/protobuf";
import type { JsonValue } from "@bufbuild/protobuf";
import { envoyTypes, typeNameOfUrl } from "@nuncio/api";
import { typeUrlOf } from "../types/resource-type.ts";
import { versionedResource } from "../types/versioned-resource.ts";
import type { ResourceOptions, VersionedResource } from "../types/versioned-resource.ts";

const registry = { getMessage: (name: string) => envoyTypes().getMessage(name) };

/** A resource of a short type name from JSON. */
export function resource(
  shortName: string,
  json: JsonValue,
  options?: ResourceOptions,
): VersionedResource {
  const desc = envoyTypes().getMessage(typeNameOfUrl(typeUrlOf(shortName)))!;
  // oxlint-disable-next-line typescript/no-unsafe-argument -- the runtime asks for more than it uses
  return versionedResource(fromJson(desc, json, { registry: registry as never }), options);
}

/** A static cluster; another `timeout` makes another version. */
export function cluster(
  name: string,
  timeout = "1s",
  options?: ResourceOptions,
): VersionedResource {
  return resource("CDS", { name, connectTimeout: timeout }, options);
}

/** A cluster that asks the same server for its endpoints. */
export function edsCluster(name: string, timeout = "1s", serviceName = ""): VersionedResource {
  return resource("CDS", {
    name,
    connectTimeout: timeout,
    type: "EDS",
    edsClusterConfig: { serviceName, edsConfig: { ads: {} } },
  });
}

/** Endpoints; another `weight` makes another version. */
export function endpoints(name: string, weight = 1, options?: ResourceOptions): VersionedResource {
  return resource(
    "EDS",
    { clusterName: name, endpoints: [{ loadBalancingWeight: weight }] },
    options,
  );
}

/** A listener with a connection manager that asks the same server for its routes. */
export function listener(name: string, routes = `${name}-routes`): VersionedResource {
  const prefix = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3";
  return resource("LDS", {
    name,
    filterChains: [
      {
        filters: [
          {
            name: "hcm",
            typedConfig: {
              "@type": `${prefix}.HttpConnectionManager`,
              rds: { configSource: { ads: {} }, routeConfigName: routes },
            },
          },
        ],
      },
    ],
  });
}

/** A route table that sends everything to a cluster. */
export function routes(name: string, target: string): VersionedResource {
  return resource("RDS", {
    name,
    virtualHosts: [
      {
        name: "all",
        domains: ["*"],
        routes: [{ match: { prefix: "/" }, route: { cluster: target } }],
      },
    ],
  });
}

/** A node of this id. */
export function node(id = "n"): never {
  return create(envoyTypes().getMessage("envoy.config.core.v3.Node")!, { id } as never) as never;
}
