import type { Message } from "@bufbuild/protobuf";
import { timestampFromDate, type Timestamp } from "@bufbuild/protobuf/wkt";
import { unpack } from "@nuncio/api";
import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { Secret } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/secret_pb";
import { make, pack } from "./dump-messages.ts";
import { DynamicResources } from "./dynamic-resources.ts";
import type { Server } from "./server.ts";

/** The dumps behind /config_dump, in Envoy's order. */
export function configDumps(server: Server): Message[] {
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
    make("ListenersConfigDump", {
      versionInfo: dynamic.versionOf(LISTENER),
      staticListeners: (resources?.listeners ?? []).map((listener) => item("listener", listener)),
      dynamicListeners: dynamic.listeners(),
    }),
    make("ScopedRoutesConfigDump", {
      inlineScopedRouteConfigs: inlineScopes(server, lastUpdated),
    }),
    make("RoutesConfigDump", {
      staticRouteConfigs: inlineRoutes(server).map((routes) => item("routeConfig", routes)),
      dynamicRouteConfigs: dynamic.items(ROUTES, "routeConfig", "all"),
    }),
    secretsDump(server, dynamic, lastUpdated),
  ];
}

const CLUSTER = "envoy.config.cluster.v3.Cluster";
const LISTENER = "envoy.config.listener.v3.Listener";
const ROUTES = "envoy.config.route.v3.RouteConfiguration";
const SECRET = "envoy.extensions.transport_sockets.tls.v3.Secret";

function inlineRoutes(server: Server): Message[] {
  return connectionManagers(server).flatMap(({ routeSpecifier }) =>
    routeSpecifier.case === "routeConfig" ? [routeSpecifier.value] : [],
  );
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
