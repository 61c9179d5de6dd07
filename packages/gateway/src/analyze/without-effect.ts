import type { Resource } from "../resources/object.ts";
import type { FieldPath } from "../resources/problem.ts";
import type { Finding } from "./mistake.ts";

/** Of kinds that we do not know. */
export const OF_OTHERS = "take it away, unless it is for another implementation";

/** A field that is taken, and that means nothing where it stands. */
export function withoutEffect(
  object: Resource,
  path: FieldPath,
  message: string,
  suggestion = "take it away",
): Finding {
  return { rule: "no-effect", severity: "warning", object, path, message, suggestion };
}
