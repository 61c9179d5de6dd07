import { GATEWAY_API } from "../../documents/scene.ts";
import type { Translation } from "../translation.ts";
import { common, covers } from "./host-names.ts";
import type { DocumentListener } from "./listeners.ts";
import type { DocumentObjects, Ref, Route } from "./objects.ts";
import { isRefused, refusals } from "./refused-rules.ts";

/** What the original refuses routes for that are to be attached. */
const HOSTNAME_REASON = "NoMatchingListenerHostname";

/** A route at a listener. */
interface Attachment {
  readonly route: Route;
  readonly listener: DocumentListener;
}

/** Which routes are at which listeners: by what their parents allow, and by nothing else (AllowedRoutes, CommonRouteSpec). */
export class RouteAttachments {
  readonly all: readonly Attachment[];
  readonly #objects: DocumentObjects;
  readonly #listeners: readonly DocumentListener[];

  constructor(
    objects: DocumentObjects,
    listeners: readonly DocumentListener[],
    statuses: Translation["statuses"],
  ) {
    this.#objects = objects;
    this.#listeners = listeners;
    const claimed = objects.routes.flatMap((route) => {
      const taking = route.parentRefs
        .filter((ref) => !areAllRefused(route) && !isRefusedAt(route, ref, statuses))
        .flatMap((ref) => this.#takers(route, ref));
      return [...new Set(taking)].map((listener) => ({ route, listener }));
    });
    this.all = withoutOtherKinds(claimed);
  }

  /** The listeners that a parent reference of a route leads to, and that take it. */
  #takers(route: Route, ref: Ref): DocumentListener[] {
    return this.#named(route, ref).filter(
      (one) => this.#allows(one, route) && namesAt(route, one).length > 0,
    );
  }

  /** What is said of a parent reference, as `status/reason` (RouteConditionReason). */
  accepted(route: Route, ref: Ref): string {
    const takers = this.#takers(route, ref);
    if (takers.length > 0 && areAllRefused(route)) return `False/${refusals(route.rules[0]!)[0]}`;
    if (takers.some((listener) => this.at(listener).includes(route))) return "True/Accepted";
    if (takers.length > 0) return "False/HostnameConflict";
    const named = this.#named(route, ref);
    if (named.length === 0) return "False/NoMatchingParent";
    const isAllowed = named.some((one) => this.#allows(one, route));
    return `False/${isAllowed ? HOSTNAME_REASON : "NotAllowedByListeners"}`;
  }

  #allows(listener: DocumentListener, { kind, namespace }: Route): boolean {
    const namespaces = { from: "Same", ...listener.allowedRoutes?.namespaces };
    return (
      listener.kinds.includes(kind) &&
      this.#objects.takes(namespaces, listener.namespace, namespace)
    );
  }

  #named(route: Route, { group = GATEWAY_API, kind = "Gateway", ...ref }: Ref): DocumentListener[] {
    const key = `${ref.namespace ?? route.namespace}/${ref.name}`;
    return this.#listeners.filter(
      ({ owner, ...one }) =>
        group === GATEWAY_API &&
        owner.kind === kind &&
        owner.key === key &&
        (ref.sectionName ?? one.name) === one.name &&
        (ref.port ?? one.port) === one.port,
    );
  }

  /** In the order in which they count: the first by namespace and name. */
  at(listener: DocumentListener): Route[] {
    return this.all.filter((one) => one.listener.id === listener.id).map(({ route }) => route);
  }
}

/** The host names that a route has at a listener; those without names have all of the listener's. */
export function namesAt({ kind, hostnames }: Route, { hostname }: DocumentListener): string[] {
  if (kind === "TCPRoute" || kind === "UDPRoute") return [hostname ?? "*"];
  const asked = hostnames.length === 0 ? ["*"] : hostnames;
  return asked.map((one) => common(hostname, one)).filter((one) => one !== undefined);
}

/** Whether a route of a listener has all names of a domain. */
export function servesDomain(route: Route, listener: DocumentListener, domain: string): boolean {
  return namesAt(route, listener).some((name) => covers(name, domain));
}

/**
 * HTTPRoutes and GRPCRoutes of a listener have no names in common: the older one, which is the first by namespace and name,
 * is accepted (GRPCRouteSpec.hostnames).
 */
function withoutOtherKinds(claimed: readonly Attachment[]): Attachment[] {
  const accepted: Attachment[] = [];
  for (const one of claimed) {
    const isTaken = accepted.some(
      (other) =>
        other.listener === one.listener &&
        `${other.route.kind} ${one.route.kind}`.match(OTHER_KINDS) !== null &&
        haveNamesInCommon(other, one),
    );
    if (!isTaken) accepted.push(one);
  }
  return accepted;
}

const OTHER_KINDS = /^(HTTPRoute GRPCRoute|GRPCRoute HTTPRoute)$/;

function haveNamesInCommon(a: Attachment, b: Attachment): boolean {
  const names = namesAt(b.route, b.listener);
  return namesAt(a.route, a.listener).some((one) =>
    names.some((other) => common(one, other) !== undefined),
  );
}

function areAllRefused({ rules }: Route): boolean {
  return rules.length > 0 && rules.every(isRefused);
}

/** For a reason of its rules, on which both translators agree. */
function isRefusedAt({ kind, key }: Route, ref: Ref, statuses: Translation["statuses"]): boolean {
  const parent = statuses
    .get(`${kind} ${key}`)
    ?.parents?.find(
      ({ parentRef: one }) =>
        (one.kind ?? "Gateway") === (ref.kind ?? "Gateway") &&
        one.namespace === ref.namespace &&
        one.name === ref.name &&
        one.sectionName === ref.sectionName &&
        one.port === ref.port,
    );
  return (parent?.conditions ?? []).some(
    ({ type, status, reason }) =>
      type === "Accepted" && status === "False" && reason !== HOSTNAME_REASON,
  );
}
