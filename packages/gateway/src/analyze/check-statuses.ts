import type { Resource } from "../resources/object.ts";
import type { FieldPath } from "../resources/problem.ts";
import type { Condition } from "../status/condition.ts";
import type { ObjectStatus } from "../status/object-status.ts";
import { isBadNews, referenceText } from "../status/status-lines.ts";
import type { Check, Finding } from "./mistake.ts";

/** What the statuses say that is not as it should be. */
export const checkStatuses: Check = ({ store, pipeline }) =>
  pipeline.statuses.flatMap((cells) =>
    Array.from(cells.entries(), ([, status]) => status).flatMap((status) => {
      const object: Resource | undefined = store.table(status.kind).peek(status.key);
      return object === undefined
        ? []
        : partsOf(status, object).flatMap((part) => findingsOf(object, part));
    }),
  );

/** Conditions that belong together, and the field that they are about. */
interface Part {
  readonly about: string;
  readonly path: FieldPath;
  /** What paths in messages begin at. */
  readonly base: FieldPath;
  readonly conditions: readonly Condition[];
}

function partsOf({ status }: ObjectStatus, object: Resource): Part[] {
  const { conditions = [], listeners = [], parents = [], ancestors = [] } = status;
  const base = ["spec"];
  const { spec } = object as {
    readonly spec?: { readonly listeners?: readonly { name: string }[] };
  };
  return [
    { about: "", path: [], base, conditions },
    ...listeners.map(({ name, conditions: own }) => {
      const index = spec?.listeners?.findIndex((listener) => listener.name === name) ?? -1;
      const path = index === -1 ? base : [...base, "listeners", index];
      return { about: `listener ${name}: `, path, base: path, conditions: own };
    }),
    ...parents.map(({ parentRef, conditions: own }) => ({
      about: `attached to ${referenceText(parentRef)}: `,
      path: [],
      base,
      conditions: own,
    })),
    ...ancestors.map(({ ancestorRef, conditions: own }) => ({
      about: `used by ${referenceText(ancestorRef)}: `,
      path: [],
      base,
      conditions: own,
    })),
  ];
}

/** They say that something is wrong which another condition tells. */
const SUMMARIES: ReadonlySet<string> = new Set([
  "ListenersNotValid",
  "ListenersNotResolved",
  "Pending",
]);

function findingsOf(object: Resource, { about, path, base, conditions }: Part): Finding[] {
  const bad = conditions.filter(isBadNews);
  const causes = bad.filter(
    ({ type, reason }) => !SUMMARIES.has(reason) && (type !== "Programmed" || bad.length === 1),
  );
  return causes.map(({ type, status, reason, message }) => ({
    rule: "status",
    severity: "error",
    object,
    path: pathIn(object, base, message) ?? path,
    message: `${about}${type}=${status} ${reason}: ${message}`,
  }));
}

/** `rules[0].backendRefs[1]: ...` */
const PATH = /^([a-z]\w*(?:\[\d+\])*(?:\.[a-z]\w*(?:\[\d+\])*)*): /i;

/** The path that a message begins with, if the object has such a field. */
function pathIn(object: Resource, base: FieldPath, message: string): FieldPath | undefined {
  const text = PATH.exec(message)?.[1];
  if (text === undefined) return undefined;
  const steps = text.match(/\w+/g)!.map((step) => (/^\d/.test(step) ? Number(step) : step));
  const path = [...base, ...steps];
  let value: unknown = object;
  for (const step of path) value = (value as Record<string | number, unknown> | undefined)?.[step];
  return value === undefined ? undefined : path;
}
