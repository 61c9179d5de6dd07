import type { Problems } from "@nuncio/api";
import type { StringMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/string_pb";
import { RE2JS } from "re2js";

/** `envoy.type.matcher.v3.StringMatcher` as a function. A broken expression is a problem, and matches nothing. */
export function compileStringMatcher(
  message: StringMatcher,
  problems: Problems,
): (text: string) => boolean {
  const pattern = message.matchPattern;
  const fold = message.ignoreCase;
  const folded = (text: string): string => (fold ? text.toLowerCase() : text);
  switch (pattern.case) {
    case "exact": {
      const value = folded(pattern.value);
      return (text) => folded(text) === value;
    }
    case "prefix": {
      const value = folded(pattern.value);
      return (text) => folded(text).startsWith(value);
    }
    case "suffix": {
      const value = folded(pattern.value);
      return (text) => folded(text).endsWith(value);
    }
    case "contains": {
      const value = folded(pattern.value);
      return (text) => folded(text).includes(value);
    }
    case "safeRegex":
      try {
        // ignore_case has no effect on safe_regex, as in Envoy.
        const regex = RE2JS.compile(pattern.value.regex);
        return (text) => regex.matches(text);
      } catch (error) {
        problems.error(
          pattern.value,
          "regex",
          `expected an RE2 expression: ${(error as Error).message}`,
        );
        return () => false;
      }
    default:
      // "custom" and an empty matcher were refused before: not implemented, and required.
      return () => false;
  }
}
