import type { Pipeline } from "../pipeline.ts";
import { keyOf, type Resource } from "../resources/object.ts";

/** Whether a Gateway of ours has to do with an object of a kind that has a status then. */
export function hasStatus({ statuses }: Pipeline, object: Resource): boolean {
  const id = `${object.kind}/${keyOf(object)}`;
  return statuses.some((cells) => cells.peek(id) !== undefined);
}
