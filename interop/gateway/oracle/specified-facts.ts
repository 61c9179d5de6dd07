import type { DocumentListener } from "./specification/listeners.ts";
import type { Ref } from "./specification/objects.ts";
import { isRefused, refusals } from "./specification/refused-rules.ts";
import type { Specification } from "./specification/specification.ts";
import { hasWrongOptions } from "./specification/tls-options.ts";

/** Where something is said in a status, and by whom. */
export interface FactPlace {
  /** `Kind namespace/name` */
  readonly object: string;
  /** `listener a: attachedRoutes`, `parent Gateway b/c: Accepted` */
  readonly at: string;
  /** All that the original says of the object. */
  readonly theirs: ReadonlyMap<string, string>;
  readonly ours: string | null;
}

type Said = string | null | undefined;

/** What the specification has there; null: nothing, undefined: it is not known here. */
export function specifiedFact(specification: Specification, place: FactPlace): Said {
  const { object, at } = place;
  if (object.startsWith("BackendTLSPolicy ")) return ancestorFact(specification, place);
  const [, listener, ofListener] = /^listener (\S+): (.*)$/.exec(at) ?? [];
  if (listener !== undefined) return listenerFact(specification, place, listener, ofListener);
  if (at === "attachedListenerSets")
    return `${specification.acceptedSets(object.replace("Gateway ", ""))}`;
  if (object.startsWith("ListenerSet ")) return listenerSetFact(specification, place);
  if (at === "ResolvedRefs") return specification.resolvedRefs(object.replace("Gateway ", ""));
  if (at.endsWith(": ResolvedRefs")) return referencesFact(specification, place);
  if (at.endsWith(": PartiallyInvalid")) return refusedFact(specification, place);
  if (at.startsWith("parent ") && !at.includes(": ")) return parentFact(specification, place);
  return at.endsWith(": Accepted") ? acceptedFact(specification, place) : undefined;
}

const NO_AUTHORITIES = "False/NoValidCACertificate";
const WRONG_OPTIONS = "False/UnsupportedValue";
const SET_NOT_VALID = "False/ListenersNotValid";

function listenerFact(
  specification: Specification,
  { object, at, theirs }: FactPlace,
  name: string,
  what: string | undefined,
): Said {
  const listener = specification.listener(object, name);
  if (listener === undefined) return undefined;
  if (what === "OverlappingTLSConfig")
    return specification.overlaps(listener) ? (theirs.get(at) ?? overlapFact(listener)) : null;
  if (what === "attachedRoutes") return `${specification.attachments.at(listener).length}`;
  if (what === "Conflicted")
    return listener.conflict === undefined ? null : `True/${listener.conflict}`;
  const others = { theirs: theirs.get(at), isJudged: isJudgedByOthers(listener, theirs, name) };
  if (what === "Programmed") return programmedFact(listener, others);
  return what === "Accepted" ? listenerAcceptedFact(specification, listener, others) : undefined;
}

/** All listeners of HTTPS have the one certificate of documents. */
function overlapFact({ protocol }: DocumentListener): Said {
  return protocol === "HTTPS" ? "True/OverlappingCertificates" : null;
}

interface TheirJudgement {
  readonly theirs: string | undefined;
  /** Options and conflicts decide, and nothing that the original finds wrong beside them. */
  readonly isJudged: boolean;
}

function isJudgedByOthers(
  { isServed, conflict }: DocumentListener,
  theirs: ReadonlyMap<string, string>,
  name: string,
): boolean {
  const isRight = theirs.get(`listener ${name}: Programmed`) === "True/Programmed";
  return (
    isServed || conflict !== undefined || isRight || theirs.has(`listener ${name}: Conflicted`)
  );
}

function programmedFact(
  { isServed, conflict, owner }: DocumentListener,
  { theirs, isJudged }: TheirJudgement,
): Said {
  if (!isJudged) return theirs === SET_NOT_VALID ? "False/Invalid" : undefined;
  if (isServed) return "True/Programmed";
  return `False/${(owner.kind === "ListenerSet" && conflict) || "Invalid"}`;
}

function listenerAcceptedFact(
  specification: Specification,
  listener: DocumentListener,
  { theirs, isJudged }: TheirJudgement,
): Said {
  const { conflict, owner } = listener;
  // There may be more than one reason.
  if (specification.isInvalid(listener))
    return theirs === NO_AUTHORITIES ? NO_AUTHORITIES : "False/Invalid";
  if (!isJudged && hasWrongOptions(listener) && theirs === "True/Accepted") return WRONG_OPTIONS;
  if (!isJudged || (conflict !== undefined && owner.kind === "Gateway")) return undefined;
  if (listener.isServed) return "True/Accepted";
  return conflict === undefined ? WRONG_OPTIONS : `False/${conflict}`;
}

/** Of a ListenerSet that its Gateway takes, by what is said of its listeners (ListenerSetConditionReason). */
function listenerSetFact(specification: Specification, { object, at }: FactPlace): Said {
  const listeners = specification.listenersOf(object);
  if (listeners.length === 0) return undefined;
  if (at === "Programmed")
    return listeners.some(({ isServed }) => isServed) ? "True/Programmed" : SET_NOT_VALID;
  if (listeners.every(({ isAccepted }) => isAccepted)) return "True/Accepted";
  return `${listeners.some(({ isAccepted }) => isAccepted) ? "True" : "False"}/ListenersNotValid`;
}

function acceptedFact(specification: Specification, { object, at }: FactPlace): Said {
  const route = specification.route(object);
  const ref = refOf(at);
  if (route === undefined || ref === undefined) return undefined;
  return specification.accepted(route, ref);
}

/** A parent has an entry when it belongs to a Gateway, whether that takes it or not (RouteStatus.parents). */
function parentFact(specification: Specification, { object, at }: FactPlace): Said {
  const route = specification.route(object);
  const ref = refOf(`${at}: `);
  if (route === undefined || ref === undefined) return undefined;
  return specification.hasParent(route, ref) ? "there" : null;
}

/** Some of its rules are served. Of rules that the original refuses it is to say the same. */
function refusedFact(specification: Specification, { object, ours }: FactPlace): Said {
  const rules = specification.route(object)?.rules ?? [];
  if (!rules.some(isRefused) || rules.every(isRefused)) return undefined;
  return oneOf(new Set(rules.flatMap(refusals).map((reason) => `True/${reason}`)), ours);
}

/** As `parent <kind> <namespace>/<name> section <name> port <port>: Accepted` names it. */
function refOf(at: string): Ref | undefined {
  const [, kind = "", namespace, name, sectionName, port] =
    /^parent (\w+) (\S+)\/([^ :]+)(?: section ([^ :]+))?(?: port (\d+))?: /.exec(at) ?? [];
  if (name === undefined) return undefined;
  return {
    kind,
    name,
    ...(namespace !== "-" && { namespace: namespace! }),
    ...(sectionName !== undefined && { sectionName }),
    ...(port !== undefined && { port: Number(port) }),
  };
}

/** The original has no such reason. */
const UNSPOKEN = "False/UnsupportedProtocol";

/** The original's, for a filter of a backend. */
const FILTER_REASON = "UnsupportedRefValue";

/** What the original has reasons of its own for: the reason that the specification has; null: nothing is wrong. */
const OWN_REASONS: Readonly<Record<string, string | null>> = {
  PortNotFound: "BackendNotFound",
  InvalidBackendTLS: null,
};

/** One of the reasons that the original joins. */
function referencesFact(
  specification: Specification,
  { object, at, theirs, ours }: FactPlace,
): Said {
  const route = specification.route(object);
  const isUnspoken = route !== undefined && specification.isUnspoken(route);
  if (isUnspoken && ours === UNSPOKEN) return ours;
  const isSilent = route !== undefined && !theirs.has(at.replace(/: ResolvedRefs$/, ""));
  if (isSilent) return oneOf(specification.resolvedRefsOfRoute(route), ours);
  const [, joined] = /^False\/(.*)$/.exec(theirs.get(at) ?? "") ?? [];
  if (joined === undefined || route === undefined) return undefined;
  // Of a reference with such a filter it does not say whether it leads somewhere.
  if (joined.includes(FILTER_REASON)) return oneOf(specification.resolvedRefsOfRoute(route), ours);
  const reasons = joined
    .split(",")
    .map((one) => OWN_REASONS[one] ?? (one in OWN_REASONS ? null : one));
  const told = reasons.filter((one) => one !== null).map((one) => `False/${one}`);
  if (told.length === 0) return "True/ResolvedRefs";
  return told.find((one) => one === ours) ?? told[0];
}

/** Ours, if it is one of those that may be said. */
function oneOf(facts: ReadonlySet<string>, ours: string | null): Said {
  return ours !== null && facts.has(ours) ? ours : [...facts][0];
}

/** What is to be said of an object, whether anybody says it or not: ancestors of policies. */
export function specifiedPlaces(specification: Specification, object: string): string[] {
  const policy = specification.policy(object);
  if (policy === undefined) return [];
  return Array.from(specification.ancestorsOf(policy), (key) => `ancestor Gateway ${key}`);
}

function ancestorFact(specification: Specification, { object, at }: FactPlace): Said {
  const policy = specification.policy(object);
  const [, gateway = "", condition] = /^ancestor Gateway ([^ :]+)(?:: (\w+))?$/.exec(at) ?? [];
  if (policy === undefined) return undefined;
  if (!specification.ancestorsOf(policy).has(gateway)) return null;
  if (condition === undefined) return "there";
  return specification.conditionOf(policy, condition);
}
