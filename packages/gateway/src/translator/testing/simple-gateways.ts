import type { RouteKindName } from "../../resources/kinds.ts";
import { keyOf, type Resource } from "../../resources/object.ts";
import { ageOf } from "../routes/seniority.ts";
import type {
  AllowedNamespaces,
  LabelSelector,
  TranslatedGateway,
  TranslatedListener,
} from "../translated-gateway.ts";

/** What is read of a Gateway. */
interface GatewayObject extends Resource {
  readonly spec: {
    readonly listeners: readonly ListenerSpec[];
    readonly defaultScope?: "All" | "None";
    readonly tls?: {
      readonly backend: { readonly clientCertificateRef: { readonly name: string } };
    };
  };
}

interface ListenerSpec {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly hostname?: string;
  readonly tls?: { readonly mode?: "Terminate" | "Passthrough" };
  readonly allowedRoutes?: {
    readonly namespaces?: NamespacesSpec;
    readonly kinds?: readonly { readonly kind: RouteKindName }[];
  };
}

interface NamespacesSpec {
  readonly from?: string;
  readonly selector?: LabelSelector;
}

const KINDS: Readonly<Record<string, readonly RouteKindName[]>> = {
  HTTP: ["HTTPRoute", "GRPCRoute"],
  HTTPS: ["HTTPRoute", "GRPCRoute"],
  TLS: ["TLSRoute"],
  TCP: ["TCPRoute"],
  UDP: ["UDPRoute"],
};

/** A Gateway with nothing wrong with it, for tests of what comes behind: no checks, no conditions. */
export function simpleGateway(gateway: Resource): TranslatedGateway {
  const key = keyOf(gateway);
  const { spec, metadata } = gateway as GatewayObject;
  const shown = spec.tls?.backend.clientCertificateRef.name;
  return {
    key,
    gatewayClass: "nuncio",
    age: ageOf(metadata),
    generation: metadata.generation ?? 0,
    accepted: true,
    addresses: [],
    conditions: [],
    listeners: spec.listeners.map((listener) => simpleListener(key, metadata.namespace!, listener)),
    listenerSets: [],
    authorities: [],
    ...(spec.defaultScope === "All" && { defaultScope: spec.defaultScope }),
    ...(shown !== undefined && {
      clientCertificate: `${key}/secret/${metadata.namespace}/${shown}`,
    }),
  };
}

function simpleListener(
  gateway: string,
  namespace: string,
  listener: ListenerSpec,
): TranslatedListener {
  const { name, port, protocol, hostname, tls, allowedRoutes } = listener;
  const config = protocol === "HTTPS" ? `${gateway}/${name}` : `${gateway}/${port}`;
  return {
    id: `${gateway}/${name}`,
    owner: { kind: "Gateway", key: gateway },
    name,
    port,
    protocol,
    ...(hostname !== undefined && { hostname }),
    ...(tls?.mode !== undefined && { tlsMode: tls.mode }),
    kinds: allowedRoutes?.kinds?.map(({ kind }) => kind) ?? KINDS[protocol] ?? [],
    allowedNamespaces: allowedNamespaces(namespace, allowedRoutes?.namespaces),
    programmed: true,
    conditions: [],
    ...(protocol.startsWith("HTTP") && { routeConfig: config }),
    certificates: [],
  };
}

function allowedNamespaces(
  namespace: string,
  { from = "Same", selector = {} }: NamespacesSpec = {},
): AllowedNamespaces {
  if (from === "Same") return { from, namespace };
  if (from === "Selector") return { from, selector };
  return { from: from === "All" ? "All" : "None" };
}
