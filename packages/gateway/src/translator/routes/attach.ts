import type { RouteKindName } from "../../resources/kinds.ts";
import { domainOf, intersection } from "../hostnames.ts";
import type { ParentReference, RouteAttachment } from "../translated-route.ts";
import { ownerOf, type AttachableGateway, type AttachableListener } from "./attachable-gateways.ts";

/** Why a parent does not take a route: a reason of the condition Accepted, and a text. */
export interface RouteRefusal {
  readonly reason:
    | "NoMatchingParent"
    | "NotAllowedByListeners"
    | "NoMatchingListenerHostname"
    | "HostnameConflict"
    | "UnsupportedValue"
    | "IncompatibleFilters";
  readonly message: string;
}

/** A route as far as it decides where it is attached. */
export interface Attaching {
  readonly kind: RouteKindName;
  readonly hostnames: readonly string[];
  /** Whether a listener takes routes of the route's namespace. */
  readonly isAllowed: (listener: AttachableListener) => boolean;
}

/** The listeners of a parent that take a route; none: why. */
export function attach(
  route: Attaching,
  ref: ParentReference,
  {
    listeners,
    attachable,
  }: {
    readonly listeners: readonly AttachableListener[];
    readonly attachable: AttachableGateway;
  },
): readonly RouteAttachment[] | RouteRefusal {
  const named = listeners.filter(
    ({ name, port }) => (ref.sectionName ?? name) === name && (ref.port ?? port) === port,
  );
  if (named.length === 0) return refusal("NoMatchingParent", noMatch(ref));
  const allowing = named.filter(
    (listener) => listener.kinds.includes(route.kind) && route.isAllowed(listener),
  );
  if (allowing.length === 0)
    return refusal(
      "NotAllowedByListeners",
      `no listener that is referred to allows ${route.kind}s of this namespace`,
    );
  const attachments = allowing
    .map((listener) => attachment(route, listener, attachable))
    .filter((one) => one !== undefined);
  if (attachments.length > 0) return attachments;
  const hostnames = allowing.map(({ hostname }) => domainOf(hostname)).join(", ");
  return refusal(
    "NoMatchingListenerHostname",
    `expected a hostname that is one of the listeners' (${hostnames}), got ${route.hostnames.join(", ")}`,
  );
}

function refusal(reason: RouteRefusal["reason"], message: string): RouteRefusal {
  return { reason, message };
}

function noMatch({ name, sectionName, port }: ParentReference): string {
  const wanted = [
    ...(sectionName === undefined ? [] : [`named ${sectionName}`]),
    ...(port === undefined ? [] : [`at port ${port}`]),
  ];
  return `${name} has no listener ${wanted.join(" ")}`.trim();
}

function attachment(
  { kind, hostnames }: Attaching,
  { id, hostname, routeConfig }: AttachableListener,
  { owners, ports }: AttachableGateway,
): RouteAttachment | undefined {
  if (kind === "TCPRoute" || kind === "UDPRoute") return { listener: id, domains: [] };
  const own = domainOf(hostname);
  const asked = hostnames.length === 0 ? [domainOf(undefined)] : hostnames.map(domainOf);
  const common = asked.map((name) => intersection(own, name)).filter((name) => name !== undefined);
  const domains = [...new Set(common)];
  if (domains.length === 0) return undefined;
  const ofPort = routeConfig === undefined ? undefined : owners[ports[routeConfig]!];
  if (routeConfig === undefined || ofPort === undefined) return { listener: id, domains };
  const served = domains.filter((domain) => ownerOf(ofPort, domain)?.listener === id);
  return { listener: id, domains, routeConfig, served };
}
