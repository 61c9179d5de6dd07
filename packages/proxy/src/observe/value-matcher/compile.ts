import type { StringMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/string_pb";
import type { ValueMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/value_pb";
import type { ValueMatcherConfig } from "./value-matcher.ts";

/** Null for a matcher without a pattern, which validate.rules refuse. `compileString` is handed in. */
export function compileValueMatcher(
  message: ValueMatcher,
  compileString: (message: StringMatcher) => unknown,
): ValueMatcherConfig | null {
  const { matchPattern: pattern } = message;
  switch (pattern.case) {
    case "nullMatch":
      return { kind: "null" };
    case "presentMatch":
      return { kind: "present", present: pattern.value };
    case "boolMatch":
      return { kind: "bool", value: pattern.value };
    case "doubleMatch": {
      const { matchPattern: number } = pattern.value;
      if (number.case === "range")
        return { kind: "range", start: number.value.start, end: number.value.end };
      return { kind: "double", value: number.value ?? 0 };
    }
    case "stringMatch":
      return { kind: "string", matcher: compileString(pattern.value) };
    case "listMatch": {
      const inner = pattern.value.matchPattern.value;
      const oneOf = inner === undefined ? null : compileValueMatcher(inner, compileString);
      return oneOf === null ? null : { kind: "list", oneOf };
    }
    case "orMatch": {
      const inner = pattern.value.valueMatchers.map((value) =>
        compileValueMatcher(value, compileString),
      );
      return { kind: "or", matchers: inner.filter((value) => value !== null) };
    }
    default:
      return null;
  }
}
