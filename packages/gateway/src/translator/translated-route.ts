import type { IrHttpFilter, IrL4Route } from "../ir/listener.ts";
import type { IrRoute } from "../ir/route.ts";
import type { RouteKindName } from "../resources/kinds.ts";
import type { ObjectKey } from "../resources/object.ts";
import type { Condition } from "../status/condition.ts";
import type { Dated } from "./routes/seniority.ts";

/** A route object: where it is attached, and what it does there. */
export interface TranslatedRoute extends Dated {
  readonly kind: RouteKindName;
  readonly generation: number;
  /** One for each entry of `parentRefs` that names a Gateway or ListenerSet of ours, in that order; then default Gateways. */
  readonly parents: readonly TranslatedParent[];
}

/** What became of one entry of `parentRefs`, or of a default Gateway. */
export interface TranslatedParent {
  /** As it was written, for the status. */
  readonly parentRef: ParentReference;
  readonly gateway: ObjectKey;
  readonly conditions: readonly Condition[];
  readonly attachments: readonly RouteAttachment[];
  /** The clusters that its rules name are the gateway's own; so rules are translated for each gateway. */
  readonly http?: readonly IrRoute[];
  /** What each of `http` weighs among the routes of a virtual host; the same length. */
  readonly precedence?: readonly RoutePrecedence[];
  readonly filters?: readonly IrHttpFilter[];
  /** What the rules send requests to; each becomes a cluster. */
  readonly backends: readonly BackendDemand[];
}

export interface RouteAttachment {
  /** `TranslatedListener.id` */
  readonly listener: string;
  /** What both the listener and the route take, lower case; `*` for all. Empty where there are no names (TCP, UDP). */
  readonly domains: readonly string[];
  /** HTTP and HTTPS: where its rules are, if the listener is served. */
  readonly routeConfig?: string;
  /** HTTP and HTTPS: those of `domains` that no other listener of the port names more exactly. */
  readonly served?: readonly string[];
  /** TLS, TCP, UDP: where connections of this listener go. */
  readonly l4?: IrL4Route;
}

/** Compared number by number: the one with the larger number is matched first. */
export type RoutePrecedence = readonly number[];

/** A cluster that has to be there. */
export interface BackendDemand {
  /** The name of the cluster; says all that follows. */
  readonly cluster: string;
  readonly gateway: ObjectKey;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** 0: the backend has ports of its own. */
  readonly port: number;
  /** How the route speaks to it, unless the port says otherwise. `tls`: what arrives is TLS already, and stays as it is. */
  readonly protocol: "http" | "grpc" | "tcp" | "tls" | "udp";
  /** Keys of Backends that are used when the others are gone. */
  readonly fallbacks?: readonly ObjectKey[];
}

/** `gateway.networking.k8s.io/v1 ParentReference`, defaults filled in. */
export interface ParentReference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly sectionName?: string;
  readonly port?: number;
}
