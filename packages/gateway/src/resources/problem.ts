import type { Place } from "@nuncio/api";
import { oneLine } from "./one-line.ts";

/** What an object says it is; parts that it does not say are empty. */
export interface ObjectName {
  readonly group: string;
  readonly kind: string;
  /** Empty for kinds that are of no namespace. */
  readonly namespace: string;
  readonly name: string;
}

/** Steps from an object to a value within it: `["spec", "rules", 0, "matches"]`. */
export type FieldPath = readonly (string | number)[];

/** One thing that is wrong with a file or an object. Objects with an error are not used. */
export interface ResourceProblem {
  readonly severity: "error" | "warning";
  /** Null for objects that are of no text. */
  readonly place: Place | null;
  /** Null where the text is not read far enough to know. */
  readonly object: ObjectName | null;
  /** `spec.rules[0].matches`; empty for the whole object. */
  readonly path: string;
  /** Lower case, no full stop: what was expected and what was seen. */
  readonly message: string;
}

/** `routes.yaml:12:7 HTTPRoute default/a: spec.rules[0].matchs: unknown field ...`; what is not known is left out. One line. */
export function formatResourceProblem(problem: ResourceProblem): string {
  const { severity, place, object, path, message } = problem;
  const where = [
    place === null ? "" : `${place.file}:${place.line}:${place.column}`,
    object === null ? "" : formatObjectName(object),
  ].filter((part) => part !== "");
  const parts = [where.join(" "), path, message].filter((part) => part !== "");
  return oneLine(`${severity === "warning" ? "warning: " : ""}${parts.join(": ")}`);
}

function formatObjectName({ kind, namespace, name }: ObjectName): string {
  const key = namespace === "" ? name : `${namespace}/${name}`;
  return [kind, key].filter((part) => part !== "").join(" ");
}

/** `spec.rules[0].filters`, and `metadata.labels["a.b/c"]` where a key is no word. */
export function formatPath(path: FieldPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_][-A-Za-z0-9_]*$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}
