import type { ObjectStatus } from "@nuncio/gateway";
import { statusFacts } from "@nuncio/gateway/testing/status-facts";
import type { OracleDifference } from "./difference.ts";
import type { Specification } from "./specification/specification.ts";
import { specifiedFact, specifiedPlaces, type FactPlace } from "./specified-facts.ts";
import type { Translation } from "./translation.ts";

/** What the statuses of two translations differ in; `left` is the original's. */
export function compareStatuses(
  theirs: Translation,
  ours: Translation,
  specification: Specification,
): OracleDifference[] {
  const objects = new Set([...theirs.statuses.keys(), ...ours.statuses.keys()]);
  return [...objects].flatMap((object) => {
    const status = theirs.statuses.get(object) ?? {};
    const own = ours.statuses.get(object) ?? {};
    const left = factsByPlace(statusFacts(status, status));
    const right = factsByPlace(statusFacts(own, withParents(status, own)));
    const specified = specifiedPlaces(specification, object);
    const places = new Set([...left.keys(), ...right.keys(), ...specified]);
    return [...places].flatMap((at): OracleDifference[] => {
      const [a, b] = [left.get(at) ?? null, right.get(at) ?? null];
      const place: FactPlace = { object, at, theirs: left, ours: b };
      const fact = specifiedFact(specification, place);
      if (a === b && (fact === undefined || fact === b)) return [];
      const asSpecified = fact === b;
      return [{ at: `${object} ${at}`, left: a, right: b, asSpecified }];
    });
  });
}

type Status = Partial<ObjectStatus["status"]>;

/** With parents that only ours names: what is said of them is held against the specification. */
function withParents(theirs: Status, { parents: ours = [] }: Status): Status {
  const { parents = [] } = theirs;
  const named = new Set(parents.map(({ parentRef }) => refKey(parentRef)));
  return {
    ...theirs,
    parents: [...parents, ...ours.filter((one) => !named.has(refKey(one.parentRef)))],
  };
}

type Parent = NonNullable<Status["parents"]>[number];

function refKey({
  kind = "Gateway",
  namespace,
  name,
  sectionName,
  port,
}: Parent["parentRef"]): string {
  return [kind, namespace, name, sectionName, port].join(" ");
}

/**
 * `listener a: attachedRoutes 1` and `parent b: Accepted=True/Accepted` as what is said of what. An ancestor is the
 * Gateway: the original says which of its listeners, where routes do.
 */
function factsByPlace(facts: ReadonlySet<string>): Map<string, string> {
  return new Map(
    Array.from(facts, (fact) => {
      const [, at = fact, value = "there"] =
        /^(.*(?:attachedRoutes|supportedKinds|attachedListenerSets)) (.*)$|^$/.exec(fact) ??
        /^(.*)=([^=]*)$/.exec(fact) ??
        [];
      return [
        at.replace(/^(ancestor \S+ \S+?)(?: section [^ :]+)?(?: port \d+)?(?=:|$)/, "$1"),
        value,
      ];
    }),
  );
}
