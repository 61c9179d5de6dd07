import { sameData } from "../incremental/same-data.ts";
import { formatPath, type FieldPath } from "../resources/problem.ts";

/** A field that is another one; undefined where it is not there. */
export interface DataChange {
  /** `filterChains[0].handler.routeConfig` */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The fields in which two pieces of plain data differ, each as far inside as it can be told. */
export function dataChanges(before: unknown, after: unknown, path: FieldPath = []): DataChange[] {
  if (sameData(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return before.flatMap((item, index) => dataChanges(item, after[index], [...path, index]));
  if (isMembers(before) && isMembers(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => dataChanges(before[name], after[name], [...path, name]));
  }
  return [{ path: formatPath(path), before, after }];
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
