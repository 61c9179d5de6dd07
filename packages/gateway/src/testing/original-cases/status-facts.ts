import type { ListenerStatus, StatusFields } from "../../status/object-status.ts";
import type { ParentReference } from "../../translator/translated-route.ts";

/** A status as it stands in an object; anything may be missing. */
type Status = Partial<StatusFields>;
type Conditions = readonly {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}[];

/** What two statuses have to agree in, as texts; the other one says what there is to compare. */
export function statusFacts(status: Status, other: Status): Set<string> {
  const { conditions = [], listeners, attachedListenerSets, parents, ancestors } = status;
  const facts = [
    ...conditionFacts("", conditions, typesOf(other.conditions)),
    ...(listeners ?? []).flatMap((listener) => listenerFacts(listener, other.listeners)),
    ...(parents ?? []).flatMap((parent) => {
      const theirs = other.parents?.find(
        (one) => refText(one.parentRef) === refText(parent.parentRef),
      );
      const name = `parent ${refText(parent.parentRef)}`;
      return [name, ...conditionFacts(`${name}: `, parent.conditions, typesOf(theirs?.conditions))];
    }),
    ...(ancestors ?? []).flatMap((ancestor) => {
      const name = `ancestor ${refText(ancestor.ancestorRef)}`;
      return [name, ...conditionFacts(`${name}: `, ancestor.conditions, MAIN_TYPES)];
    }),
  ];
  if (other.attachedListenerSets !== undefined)
    facts.push(`attachedListenerSets ${attachedListenerSets ?? 0}`);
  return new Set(facts);
}

const MAIN_TYPES: ReadonlySet<string> = new Set(["Accepted", "ResolvedRefs"]);
const LISTENER_TYPES: ReadonlySet<string> = new Set([...MAIN_TYPES, "Programmed"]);
/** Being so is what is told; not being so is told by nothing as well. */
const TOLD_IF_TRUE: ReadonlySet<string> = new Set([
  "Conflicted",
  "OverlappingTLSConfig",
  "PartiallyInvalid",
]);

/** The original leaves conditions out that come at a later stage. */
function typesOf(conditions: Conditions | undefined): ReadonlySet<string> {
  return new Set(conditions?.map(({ type }) => type));
}

function conditionFacts(
  place: string,
  conditions: Conditions,
  types: ReadonlySet<string>,
): string[] {
  return conditions
    .filter(({ type, status }) => types.has(type) || (TOLD_IF_TRUE.has(type) && status === "True"))
    .filter(({ type, status }) => !TOLD_IF_TRUE.has(type) || status === "True")
    .map(({ type, status, reason }) => `${place}${type}=${status}/${reason}`);
}

function listenerFacts(listener: ListenerStatus, others: readonly ListenerStatus[] = []): string[] {
  const { name, attachedRoutes, supportedKinds, conditions } = listener;
  const other = others.find((one) => one.name === name);
  const place = `listener ${name}: `;
  // A listener that is invalid may say that it is not accepted, or nothing of it.
  const silent = isInvalid(conditions) && !typesOf(other?.conditions).has("Accepted");
  const said = conditions.filter(
    ({ type, status }) => !silent || type !== "Accepted" || status === "True",
  );
  const kinds = [...new Set(supportedKinds.map(({ kind }) => kind))].toSorted();
  return [
    `${place}attachedRoutes ${attachedRoutes}`,
    `${place}supportedKinds ${kinds.join(" ")}`,
    ...conditionFacts(place, said, LISTENER_TYPES),
  ];
}

function isInvalid(conditions: Conditions): boolean {
  return conditions.some(({ type, status }) => type === "Programmed" && status === "False");
}

function refText({
  kind = "Gateway",
  namespace,
  name,
  sectionName,
  port,
}: ParentReference): string {
  const parts = [
    ...(sectionName === undefined ? [] : [`section ${sectionName}`]),
    ...(port === undefined ? [] : [`port ${port}`]),
  ];
  return [`${kind} ${namespace ?? "-"}/${name}`, ...parts].join(" ");
}
