import type { Pipeline } from "../pipeline.ts";
import { keyOf, type Resource } from "../resources/object.ts";
import { statusOf } from "../status/status-of.ts";

/** Whether a Gateway of ours has to do with an object of a kind that has a status then. */
export function hasStatus({ statuses }: Pipeline, object: Resource): boolean {
  return statusOf(statuses, `${object.kind}/${keyOf(object)}`) !== undefined;
}
