import type { Resource } from "../resources/object.ts";
import type { FieldPath } from "../resources/problem.ts";
import type { Condition } from "../status/condition.ts";
import type { ObjectStatus } from "../status/object-status.ts";
import { referenceText } from "../status/status-lines.ts";
import type { ParentReference } from "../translator/translated-route.ts";

/** Conditions that belong together, and the field that they are about. */
export interface StatusPart {
  /** `listener http`, `attached to web/http`; empty: the object as a whole. */
  readonly about: string;
  readonly path: FieldPath;
  /** What paths in messages begin at. */
  readonly base: FieldPath;
  readonly conditions: readonly Condition[];
}

const SPEC: FieldPath = ["spec"];

/** A status as parts that are about one thing each. */
export function statusParts({ status }: ObjectStatus, object: Resource): StatusPart[] {
  const { conditions = [], listeners = [], parents = [], ancestors = [] } = status;
  const { spec = {} } = object as {
    readonly spec?: {
      readonly listeners?: readonly { readonly name: string }[];
      readonly parentRefs?: readonly ParentReference[];
    };
  };
  return [
    { about: "", path: [], base: SPEC, conditions },
    ...listeners.map(({ name, conditions: own }) => {
      const path = itemOf(spec.listeners, "listeners", (one) => one.name === name) ?? SPEC;
      return { about: `listener ${name}`, path, base: path, conditions: own };
    }),
    ...parents.map(({ parentRef, conditions: own }) => ({
      about: `attached to ${referenceText(parentRef)}`,
      path: itemOf(spec.parentRefs, "parentRefs", (ref) => isSame(ref, parentRef)) ?? [],
      base: SPEC,
      conditions: own,
    })),
    ...ancestors.map(({ ancestorRef, conditions: own }) => ({
      about: `used by ${referenceText(ancestorRef)}`,
      path: [],
      base: SPEC,
      conditions: own,
    })),
  ];
}

function itemOf<T>(
  items: readonly T[] | undefined,
  field: string,
  isWanted: (item: T) => boolean,
): FieldPath | undefined {
  const index = items?.findIndex(isWanted) ?? -1;
  return index === -1 ? undefined : [...SPEC, field, index];
}

function isSame(one: ParentReference, other: ParentReference): boolean {
  return (["kind", "namespace", "name", "sectionName", "port"] as const).every(
    (member) => one[member] === other[member],
  );
}
