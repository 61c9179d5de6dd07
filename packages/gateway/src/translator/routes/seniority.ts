import type { ObjectKey, ObjectMeta } from "../../resources/object.ts";

/** When an object came. */
export interface Age {
  /** RFC 3339; empty: not known. */
  readonly createdAt: string;
  /** Of an object of etcd: `ObjectMeta.createRevision`. */
  readonly createRevision?: number | undefined;
  /** Of one that has neither: `ObjectMeta.arrival`. */
  readonly arrival?: string | undefined;
}

/** An object that may have to stand back behind an older one. */
export interface Dated extends Age {
  readonly key: ObjectKey;
}

/** What an object says of its age. */
export function ageOf(metadata: ObjectMeta): Age {
  const { creationTimestamp: createdAt = "", createRevision, arrival } = metadata;
  return {
    createdAt,
    ...(createRevision !== undefined && { createRevision }),
    ...(arrival !== undefined && { arrival }),
  };
}

/**
 * The older one first, for `sort`: by the time; then by the revision of etcd; then by when it came, as far as that was behind others; then
 * by namespace and name. Where one of two has no time, or no revision, it is behind the other: so any number of objects have one order,
 * whichever of these they have.
 */
export function bySeniority(a: Dated, b: Dated): number {
  return (
    byNumber(timeOf(a), timeOf(b)) ||
    byNumber(a.createRevision ?? Infinity, b.createRevision ?? Infinity) ||
    byNumber(arrivalOf(a), arrivalOf(b)) ||
    (a.key < b.key ? -1 : Number(a.key > b.key))
  );
}

function timeOf({ createdAt }: Age): number {
  return createdAt === "" ? Infinity : Date.parse(createdAt);
}

function arrivalOf({ arrival }: Age): number {
  return arrival === undefined ? 0 : Date.parse(arrival);
}

/** Infinity is equal to itself, too. */
function byNumber(a: number, b: number): number {
  return a < b ? -1 : Number(a > b);
}
