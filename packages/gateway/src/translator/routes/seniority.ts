import type { ObjectKey, ObjectMeta } from "../../resources/object.ts";

/** When an object came, as far as it says so. Times are numbers, as many routes are compared with each other. */
export interface Age {
  /** `ObjectMeta.creationTimestamp`, as milliseconds since 1970. */
  readonly createdAtMs?: number;
  /** Of an object of etcd: `ObjectMeta.createRevision`. */
  readonly createRevision?: number;
  /** Of one that has neither: `ObjectMeta.arrival`, as milliseconds since 1970. */
  readonly arrivalMs?: number;
}

/** An object that may have to stand back behind an older one. */
export interface Dated {
  readonly key: ObjectKey;
  readonly age: Age;
}

/** What an object says of its age. */
export function ageOf({ creationTimestamp, createRevision, arrival }: ObjectMeta): Age {
  return {
    ...(creationTimestamp !== undefined && { createdAtMs: Date.parse(creationTimestamp) }),
    ...(createRevision !== undefined && { createRevision }),
    ...(arrival !== undefined && { arrivalMs: Date.parse(arrival) }),
  };
}

/**
 * The older one first, for `sort`: by the time; then by the revision of etcd; then by when it came, as far as that was behind others; then
 * by namespace and name. Where one of two has no time, or no revision, it is behind the other: so any number of objects have one order,
 * whichever of these they have.
 */
export function bySeniority({ key: a, age }: Dated, { key: b, age: other }: Dated): number {
  return (
    byNumber(age.createdAtMs ?? Infinity, other.createdAtMs ?? Infinity) ||
    byNumber(age.createRevision ?? Infinity, other.createRevision ?? Infinity) ||
    byNumber(age.arrivalMs ?? 0, other.arrivalMs ?? 0) ||
    (a < b ? -1 : Number(a > b))
  );
}

/** Infinity is equal to itself, too. */
function byNumber(a: number, b: number): number {
  return a < b ? -1 : Number(a > b);
}
