import { fromBinary } from "@bufbuild/protobuf";
import type { Message } from "@bufbuild/protobuf";
import { envoyTypes, typeNameOfUrl, unpack } from "@nuncio/api";
import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { FilterChain } from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { Listener } from "@nuncio/api/types/envoy/config/listener/v3/listener_pb";
import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import { canonicalResourceName } from "../types/resource-name.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import type { VersionedResource } from "../types/versioned-resource.ts";

const CDS = typeUrlOf("CDS");
const LDS = typeUrlOf("LDS");
/** `Cluster.DiscoveryType.EDS` */
const EDS_CLUSTER = 3;

/** A resource that another one needs, to be had from the same management server. */
export interface Reference {
  readonly typeUrl: string;
  readonly name: string;
}

/** What a cluster or listener refers to by name and asks its own management server for: endpoints and routes. */
export function referencesOf(resource: VersionedResource): Reference[] {
  if (resource.typeUrl === CDS) return referencesOfCluster(decode(resource) as Cluster | undefined);
  if (resource.typeUrl === LDS)
    return referencesOfListener(decode(resource) as Listener | undefined);
  return [];
}

/** The name of a cluster's endpoints when they come on the stream that the cluster came on. */
export function endpointsOnSameStream(resource: VersionedResource): string | undefined {
  return resource.typeUrl === CDS ? referencesOf(resource)[0]?.name : undefined;
}

function referencesOfCluster(cluster: Cluster | undefined): Reference[] {
  const type = cluster?.clusterDiscoveryType;
  if (cluster === undefined || type?.case !== "type" || type.value !== EDS_CLUSTER) return [];
  if (!isSameServer(cluster.edsClusterConfig?.edsConfig)) return [];
  const serviceName = cluster.edsClusterConfig?.serviceName ?? "";
  return [reference("EDS", serviceName === "" ? cluster.name : serviceName)];
}

function referencesOfListener(listener: Listener | undefined): Reference[] {
  if (listener === undefined) return [];
  const chains: FilterChain[] = [...listener.filterChains];
  if (listener.defaultFilterChain !== undefined) chains.push(listener.defaultFilterChain);
  const configs = chains.flatMap(({ filters }) =>
    filters.map(({ configType }) => configType.value),
  );
  const api = listener.apiListener?.apiListener;
  const references: Reference[] = [];
  for (const any of [...configs, api]) {
    if (any?.$typeName !== "google.protobuf.Any") continue;
    const message = unpack(any);
    if (isConnectionManager(message)) references.push(...referencesOfConnectionManager(message));
  }
  return references;
}

function referencesOfConnectionManager({ routeSpecifier }: HttpConnectionManager): Reference[] {
  if (routeSpecifier.case === "rds") {
    const { configSource, routeConfigName } = routeSpecifier.value;
    return isSameServer(configSource) ? [reference("RDS", routeConfigName)] : [];
  }
  if (routeSpecifier.case !== "scopedRoutes") return [];
  const { rdsConfigSource, configSpecifier } = routeSpecifier.value;
  if (!isSameServer(rdsConfigSource)) return [];
  if (configSpecifier.case !== "scopedRouteConfigurationsList") return [];
  return configSpecifier.value.scopedRouteConfigurations
    .filter(({ routeConfigurationName }) => routeConfigurationName !== "")
    .map(({ routeConfigurationName }) => reference("RDS", routeConfigurationName));
}

function isConnectionManager(message: Message | undefined): message is HttpConnectionManager {
  return (
    message?.$typeName ===
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
  );
}

/** Other sources are no business of the server that delivers the reference. */
function isSameServer(source: ConfigSource | undefined): boolean {
  const which = source?.configSourceSpecifier.case;
  return which === "ads" || which === "self";
}

function reference(shortName: string, name: string): Reference {
  return { typeUrl: typeUrlOf(shortName), name: canonicalResourceName(name) };
}

/** Undefined for bytes that are not the message; whoever gets the resource will say so. */
function decode(resource: VersionedResource): Message | undefined {
  const desc = envoyTypes().getMessage(typeNameOfUrl(resource.typeUrl));
  if (desc === undefined) return undefined;
  try {
    return fromBinary(desc, resource.value);
  } catch {
    return undefined;
  }
}
