import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { NodeMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/node_pb";
import type { DoubleMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/number_pb";
import type { StringMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/string_pb";
import type { StructMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/struct_pb";
import type { ValueMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/value_pb";

/** A matcher that is not there; the message names it. */
export class NodeMatcherError extends Error {}

/** Whether one of the matchers fits; without any, all nodes do. Throws a NodeMatcherError. */
export function matchesNode(matchers: readonly NodeMatcher[], node: Node | undefined): boolean {
  return matchers.length === 0 || matchers.some((matcher) => fits(matcher, node));
}

function fits({ nodeId, nodeMetadatas }: NodeMatcher, node: Node | undefined): boolean {
  if (nodeId !== undefined && !matchesString(nodeId, node?.id ?? "")) return false;
  return nodeMetadatas.every((matcher) => matchesStruct(matcher, node?.metadata ?? {}));
}

function matchesStruct({ path, value }: StructMatcher, metadata: JsonObject): boolean {
  let found: JsonValue | undefined = metadata;
  for (const { segment } of path) {
    if (typeof found !== "object" || found === null || Array.isArray(found)) return false;
    found = found[segment.value ?? ""];
  }
  return value !== undefined && matchesValue(value, found);
}

function matchesValue(
  { matchPattern: match }: ValueMatcher,
  value: JsonValue | undefined,
): boolean {
  switch (match.case) {
    case "nullMatch":
      return value === null;
    case "doubleMatch":
      return typeof value === "number" && matchesNumber(match.value, value);
    case "stringMatch":
      return typeof value === "string" && matchesString(match.value, value);
    case "boolMatch":
      return value === match.value;
    case "presentMatch":
      return match.value && value !== undefined;
    case "listMatch": {
      const { matchPattern: one } = match.value;
      if (!Array.isArray(value) || one.case === undefined) return false;
      return value.some((each) => matchesValue(one.value, each));
    }
    case "orMatch":
      return match.value.valueMatchers.some((one) => matchesValue(one, value));
    default:
      return false;
  }
}

function matchesNumber({ matchPattern: match }: DoubleMatcher, value: number): boolean {
  if (match.case === "exact") return value === match.value;
  return match.case === "range" && value >= match.value.start && value < match.value.end;
}

function matchesString({ matchPattern: match, ignoreCase }: StringMatcher, text: string): boolean {
  const fold = (value: string): string => (ignoreCase ? value.toLowerCase() : value);
  switch (match.case) {
    case "exact":
      return fold(text) === fold(match.value);
    case "prefix":
      return fold(text).startsWith(fold(match.value));
    case "suffix":
      return fold(text).endsWith(fold(match.value));
    case "contains":
      return fold(text).includes(fold(match.value));
    case undefined:
      throw new NodeMatcherError("expected a match_pattern, got none");
    default:
      // A regular expression of a stranger can take any time.
      throw new NodeMatcherError(
        `${match.case === "safeRegex" ? "safe_regex" : match.case}: not supported`,
      );
  }
}
