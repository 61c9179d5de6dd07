/** A type of resource that xDS delivers. */
export interface ResourceType {
  /** `CDS`: what people call it. */
  readonly shortName: string;
  /** `type.googleapis.com/envoy.config.cluster.v3.Cluster` */
  readonly typeUrl: string;
  /** `envoy.service.cluster.v3.ClusterDiscoveryService`; undefined for a type that is asked for on ADS or in delta only. */
  readonly service?: string;
  /**
   * The field that names a resource, as protobuf-es spells it. Undefined for resources that do not know their name
   * (LEDS).
   */
  readonly nameField?: "name" | "clusterName";
  /**
   * A state-of-the-world response is all there is: what it leaves out is gone (LDS and CDS; SRDS too as Envoy takes it).
   * Of the other types a response may be a part.
   */
  readonly fullState: boolean;
  /** Who asks for `a` is also sent what is called `a/...`, without a slash in the rest (VHDS). */
  readonly nameSpaces?: true;
}

const PREFIX = "type.googleapis.com/";

/**
 * All types, in the order in which a change is sent so that nothing refers to what is not there yet: clusters before
 * their endpoints, both before the listeners and routes that send requests to them. What is taken away goes in the
 * reverse order.
 */
export const RESOURCE_TYPES: readonly ResourceType[] = [
  {
    shortName: "CDS",
    typeUrl: `${PREFIX}envoy.config.cluster.v3.Cluster`,
    service: "envoy.service.cluster.v3.ClusterDiscoveryService",
    nameField: "name",
    fullState: true,
  },
  {
    shortName: "EDS",
    typeUrl: `${PREFIX}envoy.config.endpoint.v3.ClusterLoadAssignment`,
    service: "envoy.service.endpoint.v3.EndpointDiscoveryService",
    nameField: "clusterName",
    fullState: false,
  },
  {
    shortName: "LEDS",
    typeUrl: `${PREFIX}envoy.config.endpoint.v3.LbEndpoint`,
    service: "envoy.service.endpoint.v3.LocalityEndpointDiscoveryService",
    fullState: false,
  },
  {
    shortName: "SDS",
    typeUrl: `${PREFIX}envoy.extensions.transport_sockets.tls.v3.Secret`,
    service: "envoy.service.secret.v3.SecretDiscoveryService",
    nameField: "name",
    fullState: false,
  },
  {
    shortName: "LDS",
    typeUrl: `${PREFIX}envoy.config.listener.v3.Listener`,
    service: "envoy.service.listener.v3.ListenerDiscoveryService",
    nameField: "name",
    fullState: true,
  },
  {
    shortName: "ECDS",
    typeUrl: `${PREFIX}envoy.config.core.v3.TypedExtensionConfig`,
    service: "envoy.service.extension.v3.ExtensionConfigDiscoveryService",
    nameField: "name",
    fullState: false,
  },
  {
    shortName: "SRDS",
    typeUrl: `${PREFIX}envoy.config.route.v3.ScopedRouteConfiguration`,
    service: "envoy.service.route.v3.ScopedRoutesDiscoveryService",
    nameField: "name",
    fullState: true,
  },
  {
    shortName: "RDS",
    typeUrl: `${PREFIX}envoy.config.route.v3.RouteConfiguration`,
    service: "envoy.service.route.v3.RouteDiscoveryService",
    nameField: "name",
    fullState: false,
  },
  {
    shortName: "VHDS",
    typeUrl: `${PREFIX}envoy.config.route.v3.VirtualHost`,
    service: "envoy.service.route.v3.VirtualHostDiscoveryService",
    nameField: "name",
    fullState: false,
    nameSpaces: true,
  },
  {
    shortName: "RTDS",
    typeUrl: `${PREFIX}envoy.service.runtime.v3.Runtime`,
    service: "envoy.service.runtime.v3.RuntimeDiscoveryService",
    nameField: "name",
    fullState: false,
  },
];

const byUrl = new Map(RESOURCE_TYPES.map((type, index) => [type.typeUrl, { type, index }]));
const byShortName = new Map(RESOURCE_TYPES.map((type) => [type.shortName, type]));

/** The type of a type URL; undefined for one that is not in the table. */
export function resourceTypeOfUrl(typeUrl: string): ResourceType | undefined {
  return byUrl.get(typeUrl)?.type;
}

/** The type URL of a short name such as `CDS`. */
export function typeUrlOf(shortName: string): string {
  const type = byShortName.get(shortName);
  if (type === undefined) throw new Error(`no resource type is called ${shortName}`);
  return type.typeUrl;
}

/** `CDS` of a cluster's type URL; the URL itself when it is not in the table, for logs. */
export function shortNameOfUrl(typeUrl: string): string {
  return resourceTypeOfUrl(typeUrl)?.shortName ?? typeUrl;
}

/** Place of a type in make-before-break order; types that are not in the table come last. */
export function orderOfUrl(typeUrl: string): number {
  return byUrl.get(typeUrl)?.index ?? RESOURCE_TYPES.length;
}

const LDS = typeUrlOf("LDS");

/**
 * Whether a resource that is gone has to wait for others that may refer to it. Nothing refers to listeners; and one that
 * comes may want the address of one that goes, so both are told at once.
 */
export function mayBeReferredTo(typeUrl: string): boolean {
  return typeUrl !== LDS;
}
