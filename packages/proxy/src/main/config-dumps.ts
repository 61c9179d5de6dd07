import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { timestampFromDate, timestampFromMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import { unpack } from "@nuncio/api";
import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { Secret } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/secret_pb";
import { make, pack } from "./dump-messages.ts";
import { DynamicResources } from "./dynamic-resources.ts";
import type { Server } from "./server.ts";

/** The dumps behind /config_dump, in Envoy's order; endpoints only where they are asked for. */
export function configDumps(server: Server, includeEds: boolean): Message[] {
  const { bootstrap } = server.compiled;
  const lastUpdated = timestampFromDate(server.startDate);
  const resources = bootstrap.staticResources;
  const dynamic = new DynamicResources(server.controlPlanes.status(), Date.now());
  const item = (field: string, message: Message): Record<string, unknown> => ({
    [field]: pack(message),
    lastUpdated,
  });
  return [
    make("BootstrapConfigDump", { bootstrap, lastUpdated }),
    make("ClustersConfigDump", {
      versionInfo: dynamic.versionOf(CLUSTER),
      staticClusters: (resources?.clusters ?? []).map((cluster) => item("cluster", cluster)),
      dynamicActiveClusters: dynamic.items(CLUSTER, "cluster", "active"),
      dynamicWarmingClusters: dynamic.items(CLUSTER, "cluster", "warming"),
    }),
    ...(includeEds ? [endpointsDump(server, dynamic)] : []),
    ...extensionsDump(dynamic),
    make("ListenersConfigDump", {
      versionInfo: dynamic.versionOf(LISTENER),
      staticListeners: (resources?.listeners ?? []).map((listener) => item("listener", listener)),
      dynamicListeners: dynamic.listeners(),
    }),
    make("ScopedRoutesConfigDump", {
      inlineScopedRouteConfigs: inlineScopes(server, lastUpdated),
      dynamicScopedRouteConfigs: deliveredScopes(server),
    }),
    make("RoutesConfigDump", {
      staticRouteConfigs: inlineRoutes(server).map((routes) => item("routeConfig", routes)),
      dynamicRouteConfigs: deliveredRoutes(server, dynamic),
    }),
    secretsDump(server, dynamic, lastUpdated),
  ];
}

const CLUSTER = "envoy.config.cluster.v3.Cluster";
const LISTENER = "envoy.config.listener.v3.Listener";
const ENDPOINTS = "envoy.config.endpoint.v3.ClusterLoadAssignment";
const EXTENSION = "envoy.config.core.v3.TypedExtensionConfig";
const ROUTES = "envoy.config.route.v3.RouteConfiguration";
const SECRET = "envoy.extensions.transport_sockets.tls.v3.Secret";

/** Those that stand in their cluster are static ones, without a time, as in Envoy, wherever the cluster came from. */
function endpointsDump(server: Server, dynamic: DynamicResources): Message {
  const delivered = dynamic
    .items(CLUSTER, "cluster", "all")
    .map(({ cluster }) => unpack<Cluster>(cluster as Any)!);
  const clusters = [...(server.compiled.bootstrap.staticResources?.clusters ?? []), ...delivered];
  return make("EndpointsConfigDump", {
    staticEndpointConfigs: clusters.flatMap(({ loadAssignment }) =>
      loadAssignment === undefined ? [] : [{ endpointConfig: pack(loadAssignment) }],
    ),
    dynamicEndpointConfigs: dynamic.items(ENDPOINTS, "endpointConfig", "all"),
  });
}

/** Nothing where no filter comes by ECDS, as in Envoy. */
function extensionsDump(dynamic: DynamicResources): Message[] {
  const ecdsFilters = dynamic.items(EXTENSION, "ecdsFilter", "all");
  const isAskedFor = ecdsFilters.length > 0 || dynamic.missing(EXTENSION).length > 0;
  return isAskedFor ? [make("EcdsConfigDump", { ecdsFilters })] : [];
}

function inlineRoutes(server: Server): Message[] {
  const hosted = hostedRoutes(server);
  return connectionManagers(server).flatMap(({ routeSpecifier }) => {
    if (routeSpecifier.case !== "routeConfig") return [];
    const { value: routes } = routeSpecifier;
    return [routes.vhds === undefined ? routes : (hosted.get(routes.name) ?? routes)];
  });
}

/** Those of VHDS stand among the virtual hosts of their routes, as in Envoy. */
function deliveredRoutes(server: Server, dynamic: DynamicResources): Record<string, unknown>[] {
  const hosted = hostedRoutes(server);
  const items = dynamic.items(ROUTES, "routeConfig", "all");
  if (hosted.size === 0) return items;
  return items.map((item) => {
    const message = hosted.get(unpack<RouteConfiguration>(item["routeConfig"] as Any)!.name);
    return message === undefined ? item : { ...item, routeConfig: pack(message) };
  });
}

/** By name: those with virtual hosts that came by VHDS. */
function hostedRoutes({ compiled }: Server): ReadonlyMap<string, RouteConfiguration> {
  const messages = compiled.routeConfigs.hostedMessages();
  return new Map(messages.map((message) => [message.name, message]));
}

function inlineScopes(server: Server, lastUpdated: Message): Message[] {
  return connectionManagers(server).flatMap(({ routeSpecifier: routes }) => {
    if (routes.case !== "scopedRoutes") return [];
    const { name, configSpecifier: scopes } = routes.value;
    if (scopes.case !== "scopedRouteConfigurationsList") return [];
    const scopedRouteConfigs = scopes.value.scopedRouteConfigurations.map(pack);
    const fields = { name, scopedRouteConfigs, lastUpdated };
    return [make("ScopedRoutesConfigDump.InlineScopedRouteConfigs", fields)];
  });
}

function deliveredScopes(server: Server): Message[] {
  return server.compiled.scopedRoutes.all().map(({ name, versionInfo, messages, updatedMs }) =>
    make("ScopedRoutesConfigDump.DynamicScopedRouteConfigs", {
      name,
      versionInfo,
      scopedRouteConfigs: messages.map(pack),
      lastUpdated: timestampFromMs(updatedMs),
    }),
  );
}

/** In the order of the configuration. */
function connectionManagers(server: Server): HttpConnectionManager[] {
  const chains = (server.compiled.bootstrap.staticResources?.listeners ?? []).flatMap(
    (listener) => [
      ...listener.filterChains,
      ...(listener.defaultFilterChain === undefined ? [] : [listener.defaultFilterChain]),
    ],
  );
  return chains.flatMap((chain) =>
    chain.filters.flatMap((filter) => {
      if (filter.configType.case !== "typedConfig") return [];
      const hcm = unpack<HttpConnectionManager>(filter.configType.value);
      // Another type has no such field.
      return hcm?.routeSpecifier === undefined ? [] : [hcm];
    }),
  );
}

function secretsDump(server: Server, dynamic: DynamicResources, lastUpdated: Timestamp): Message {
  const item = (secret: Secret): Record<string, unknown> => ({
    name: secret.name,
    secret: pack(secret),
  });
  const given = server.compiled.bootstrap.staticResources?.secrets ?? [];
  const fromFiles = [...server.compiled.tls.secrets.fromFiles.values()];
  return make("SecretsConfigDump", {
    staticSecrets: given.map((secret) => make("SecretsConfigDump.StaticSecret", item(secret))),
    dynamicActiveSecrets: [
      ...fromFiles.map((secret) =>
        make("SecretsConfigDump.DynamicSecret", { ...item(secret), lastUpdated }),
      ),
      ...dynamic
        .items(SECRET, "secret", "active")
        .map((secret) => make("SecretsConfigDump.DynamicSecret", secret)),
    ],
    dynamicWarmingSecrets: dynamic
      .missing(SECRET)
      .map((name) => make("SecretsConfigDump.DynamicSecret", { name })),
  });
}
