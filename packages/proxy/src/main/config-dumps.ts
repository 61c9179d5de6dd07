import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { anyPack, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { envoyTypes, unpack } from "@nuncio/api";
import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { Secret } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/secret_pb";
import type { Server } from "./server.ts";

/** The dumps behind /config_dump, in Envoy's order; everything is static so far. */
export function configDumps(server: Server): Message[] {
  const { bootstrap } = server.compiled;
  const lastUpdated = timestampFromDate(server.startDate);
  const resources = bootstrap.staticResources;
  const item = (field: string, message: Message): Record<string, unknown> => ({
    [field]: pack(message),
    lastUpdated,
  });
  return [
    make("BootstrapConfigDump", { bootstrap, lastUpdated }),
    make("ClustersConfigDump", {
      staticClusters: (resources?.clusters ?? []).map((cluster) => item("cluster", cluster)),
    }),
    make("ListenersConfigDump", {
      staticListeners: (resources?.listeners ?? []).map((listener) => item("listener", listener)),
    }),
    make("ScopedRoutesConfigDump", {
      inlineScopedRouteConfigs: inlineScopes(server, lastUpdated),
    }),
    make("RoutesConfigDump", {
      staticRouteConfigs: inlineRoutes(server).map((routes) => item("routeConfig", routes)),
    }),
    secretsDump(server, lastUpdated),
  ];
}

/** The bootstrap's node, with what the flags filled in. */
export function nodeMessage(server: Server): Message {
  const { node } = server.compiled;
  const given = server.compiled.bootstrap.node;
  return create(descOf("envoy.config.core.v3.Node"), {
    ...given,
    id: node.id,
    cluster: node.cluster,
    userAgentName: "nuncio",
  });
}

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

function secretsDump(server: Server, lastUpdated: Message): Message {
  const item = (secret: Secret): Record<string, unknown> => ({
    name: secret.name,
    secret: pack(secret),
  });
  const given = server.compiled.bootstrap.staticResources?.secrets ?? [];
  const fromFiles = [...server.compiled.tls.secrets.fromFiles.values()];
  return make("SecretsConfigDump", {
    staticSecrets: given.map((secret) => make("SecretsConfigDump.StaticSecret", item(secret))),
    dynamicActiveSecrets: fromFiles.map((secret) =>
      make("SecretsConfigDump.DynamicSecret", { ...item(secret), lastUpdated }),
    ),
  });
}

function pack(message: Message): Message {
  return anyPack(descOf(message.$typeName), message);
}

function make(name: string, fields: Record<string, unknown>): Message {
  return create(descOf(`envoy.admin.v3.${name}`), fields);
}

function descOf(typeName: string): DescMessage {
  const desc = envoyTypes().getMessage(typeName);
  if (desc === undefined) throw new Error(`no type named ${typeName}`);
  return desc;
}
