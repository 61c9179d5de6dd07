import type { ObjectKey } from "../resources/object.ts";
import type { Condition } from "../status/condition.ts";

/** What is known of a Gateway of ours: what routes attach to, and what its status says. */
export interface TranslatedGateway {
  readonly key: ObjectKey;
  readonly gatewayClass: string;
  readonly generation: number;
  /** False: nothing is served, and the conditions say why. */
  readonly accepted: boolean;
  readonly conditions: readonly Condition[];
  /** Those of the Gateway first, then those of ListenerSets in the order of precedence. */
  readonly listeners: readonly TranslatedListener[];
  readonly listenerSets: readonly TranslatedListenerSet[];
}

/** A ListenerSet and the Gateway that it names. */
export interface TranslatedListenerSet {
  readonly key: ObjectKey;
  readonly generation: number;
  readonly accepted: boolean;
  readonly conditions: readonly Condition[];
}

export type RouteKindName = "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute" | "UDPRoute";

/** A listener of a Gateway, or of a ListenerSet that is merged into it. */
export interface TranslatedListener {
  /** Names it everywhere: `<gateway key>/<name>`, or `<gateway key>/<set namespace>/<set name>/<name>`. */
  readonly id: string;
  readonly owner: { readonly kind: "Gateway" | "ListenerSet"; readonly key: ObjectKey };
  /** What `sectionName` says. */
  readonly name: string;
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS" | "TLS" | "TCP" | "UDP" | (string & {});
  /** Lower case; undefined: all. */
  readonly hostname?: string;
  readonly tlsMode?: "Terminate" | "Passthrough";
  /** Kinds that may attach, as `supportedKinds` of the status says. */
  readonly kinds: readonly RouteKindName[];
  readonly allowedNamespaces: AllowedNamespaces;
  /** False: it is not served, and the conditions say why. Routes attach all the same. */
  readonly programmed: boolean;
  /** All but what depends on routes. */
  readonly conditions: readonly Condition[];
  /** HTTP and HTTPS: the route configuration that its routes are in. */
  readonly routeConfig?: string;
}

/** From which namespaces routes may attach. */
export type AllowedNamespaces =
  | { readonly from: "All" | "None" }
  | { readonly from: "Same"; readonly namespace: string }
  | { readonly from: "Selector"; readonly selector: LabelSelector };

/** `metav1.LabelSelector`: all requirements hold. An empty one selects everything. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | (string & {});
    readonly values?: readonly string[];
  }[];
}
