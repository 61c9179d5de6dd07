import type { ObjectKey } from "../../resources/object.ts";

/** An object that may have to stand back behind an older one. */
export interface Dated {
  /** RFC 3339; empty: not known, which is behind all others. */
  readonly createdAt: string;
  readonly key: ObjectKey;
}

/** The older one first; of the same age, by namespace and name. For `sort`. */
export function bySeniority(a: Dated, b: Dated): number {
  if (a.createdAt !== b.createdAt) {
    if (a.createdAt === "") return 1;
    if (b.createdAt === "") return -1;
    const ages = Date.parse(a.createdAt) - Date.parse(b.createdAt);
    if (ages !== 0) return ages;
  }
  return a.key < b.key ? -1 : Number(a.key > b.key);
}
