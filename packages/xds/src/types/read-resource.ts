import { formatProblem, load, validate } from "@nuncio/api";
import { typeUrlOf } from "./resource-type.ts";
import { versionedResource } from "./versioned-resource.ts";
import type { ResourceOptions, VersionedResource } from "./versioned-resource.ts";

/** `clusters.yaml:3:9 connect_timeout: ...`, one line for each problem. */
export class ResourceProblems extends Error {
  override readonly name = "ResourceProblems";
}

/**
 * A resource from what a person writes: YAML or JSON text, or the same as an object, with the names of the API and `@type`
 * in an Any. Throws ResourceProblems with all that is wrong: unknown fields, types that do not exist, rules of the API
 * that do not hold.
 *
 * @param shortName such as `CDS`
 */
export function readResource(
  shortName: string,
  content: string | object,
  options?: ResourceOptions,
): VersionedResource {
  const typeName = typeUrlOf(shortName).replace("type.googleapis.com/", "");
  const text = typeof content === "string" ? content : JSON.stringify(content);
  const loaded = load(typeName, [{ name: shortName, content: text, format: "yaml" }]);
  validate(loaded);
  const errors = loaded.problems.list.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new ResourceProblems(errors.map(formatProblem).join("\n"));
  return versionedResource(loaded.message, options);
}
