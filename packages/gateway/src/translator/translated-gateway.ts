import type { IrClientValidation } from "../ir/listener.ts";
import type { RouteKindName } from "../resources/kinds.ts";
import type { ObjectKey, ObjectRef } from "../resources/object.ts";
import type { Condition } from "../status/condition.ts";
import type { StatusAddress } from "../status/object-status.ts";
import type { Dated } from "./routes/seniority.ts";

/** What is known of a Gateway of ours: what routes attach to, and what its status says. */
export interface TranslatedGateway extends Dated {
  readonly gatewayClass: string;
  readonly generation: number;
  /** False: nothing is served, and the conditions say why. */
  readonly accepted: boolean;
  /** Routes that ask for default Gateways of this scope are claimed. */
  readonly defaultScope?: "All";
  /** All but Programmed. */
  readonly conditions: readonly Condition[];
  /** `spec.addresses`, as far as they name one. */
  readonly addresses: readonly StatusAddress[];
  /** Those of the Gateway first, then those of ListenerSets in the order of precedence. */
  readonly listeners: readonly TranslatedListener[];
  readonly listenerSets: readonly TranslatedListenerSet[];
  /** What is wrong with `spec.allowedListeners`, so that no ListenerSet is taken. */
  readonly setsProblem?: string;
  /** `spec.tls.backend`: the name of the secret that is shown to upstreams; it is one of the gateway's pieces. */
  readonly clientCertificate?: string;
  /** What certificates of clients are checked against. */
  readonly authorities: readonly TranslatedAuthorities[];
}

/** Authorities for clients of some ports. */
export interface TranslatedAuthorities {
  /** The name of the secret. */
  readonly name: string;
  /** ConfigMaps and Secrets, each with a `ca.crt` that is valid. */
  readonly sources: readonly ObjectRef[];
}

/** A ListenerSet and the Gateway that it names. */
export interface TranslatedListenerSet {
  readonly key: ObjectKey;
  readonly generation: number;
  readonly accepted: boolean;
  /** Programmed is among them only where it is False whatever the data plane does. */
  readonly conditions: readonly Condition[];
}

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
  /** Programmed is among them only where it is False whatever the data plane does. */
  readonly conditions: readonly Condition[];
  /** HTTP and HTTPS: the route configuration that its routes are in. */
  readonly routeConfig?: string;
  /** TLS that is ended here: the names of the secrets, those that are valid. */
  readonly certificates: readonly string[];
  /** HTTPS: how certificates of clients are checked. */
  readonly clientValidation?: IrClientValidation;
  readonly minTlsVersion?: TlsVersion;
  readonly maxTlsVersion?: TlsVersion;
}

export type TlsVersion = "1.0" | "1.1" | "1.2" | "1.3";

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
