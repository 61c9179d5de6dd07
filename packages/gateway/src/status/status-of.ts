import type { Cells } from "../incremental/cells.ts";
import type { ObjectStatus } from "./object-status.ts";

/**
 * What is said of an object; undefined: no Gateway of ours has to do with it.
 *
 * @param id `<kind>/<key>`
 */
export function statusOf(
  statuses: readonly Cells<ObjectStatus>[],
  id: string,
): ObjectStatus | undefined {
  return statuses.map((cells) => cells.peek(id)).find((status) => status !== undefined);
}
