/** The API group of Nuncio's own kinds. */
export const NUNCIO_GROUP = "gateway.nuncio.dev";
export const GATEWAY_GROUP = "gateway.networking.k8s.io";

/** A GatewayClass with this `controllerName` is ours. */
export const CONTROLLER_NAME = "nuncio.dev/gateway-controller";

/** A kind of object that the control plane reads. */
export interface ResourceKind {
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  /** All that are read; the first one is the one that is written. */
  readonly versions: readonly string[];
  /** `httproutes`: its place in the API of Kubernetes. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** All kinds; whoever needs another one adds it here. */
export const RESOURCE_KINDS = [
  gatewayApi("GatewayClass", "gatewayclasses", ["v1", "v1beta1"], false),
  gatewayApi("Gateway", "gateways", ["v1", "v1beta1"]),
  gatewayApi("ListenerSet", "listenersets", ["v1"]),
  gatewayApi("HTTPRoute", "httproutes", ["v1", "v1beta1"]),
  gatewayApi("GRPCRoute", "grpcroutes", ["v1"]),
  gatewayApi("TLSRoute", "tlsroutes", ["v1", "v1alpha3", "v1alpha2"]),
  gatewayApi("TCPRoute", "tcproutes", ["v1", "v1alpha2"]),
  gatewayApi("UDPRoute", "udproutes", ["v1", "v1alpha2"]),
  gatewayApi("ReferenceGrant", "referencegrants", ["v1", "v1beta1"]),
  gatewayApi("BackendTLSPolicy", "backendtlspolicies", ["v1", "v1alpha3"]),
  own("Backend", "backends"),
  own("NuncioProxy", "nuncioproxies"),
  core("Namespace", "namespaces", false),
  core("Service", "services"),
  core("Secret", "secrets"),
  core("ConfigMap", "configmaps"),
  {
    kind: "EndpointSlice",
    group: "discovery.k8s.io",
    versions: ["v1"],
    plural: "endpointslices",
    namespaced: true,
  },
  {
    kind: "ServiceImport",
    group: "multicluster.x-k8s.io",
    versions: ["v1alpha1"],
    plural: "serviceimports",
    namespaced: true,
  },
] as const satisfies readonly ResourceKind[];

/** `HTTPRoute` and so on. */
export type KindName = (typeof RESOURCE_KINDS)[number]["kind"];

/** Kinds of routes. */
export const ROUTE_KINDS = [
  "HTTPRoute",
  "GRPCRoute",
  "TLSRoute",
  "TCPRoute",
  "UDPRoute",
] as const satisfies readonly KindName[];

export type RouteKindName = (typeof ROUTE_KINDS)[number];

const byName = new Map<string, ResourceKind>(RESOURCE_KINDS.map((kind) => [kind.kind, kind]));

/** The kind of this group and name; undefined for one that is not read. */
export function resourceKind(group: string, kind: string): ResourceKind | undefined {
  const found = byName.get(kind);
  return found?.group === group ? found : undefined;
}

/** `gateway.networking.k8s.io/v1`: what objects of a kind are written with. */
export function newestApiVersion({ group, versions }: ResourceKind): string {
  const [newest = ""] = versions;
  return group === "" ? newest : `${group}/${newest}`;
}

function gatewayApi<K extends string>(
  kind: K,
  plural: string,
  versions: readonly string[],
  namespaced = true,
): ResourceKind & { readonly kind: K } {
  return { kind, group: GATEWAY_GROUP, versions, plural, namespaced };
}

function own<K extends string>(kind: K, plural: string): ResourceKind & { readonly kind: K } {
  return { kind, group: NUNCIO_GROUP, versions: ["v1alpha1"], plural, namespaced: true };
}

function core<K extends string>(
  kind: K,
  plural: string,
  namespaced = true,
): ResourceKind & { readonly kind: K } {
  return { kind, group: "", versions: ["v1"], plural, namespaced };
}
