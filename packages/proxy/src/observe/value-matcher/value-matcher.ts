import { toByteString } from "../format/byte-string.ts";

/** `envoy.type.matcher.v3.ValueMatcher` as plain data. */
export type ValueMatcherConfig =
  | { readonly kind: "null" }
  | { readonly kind: "present"; readonly present: boolean }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "double"; readonly value: number }
  | { readonly kind: "range"; readonly start: number; readonly end: number }
  /** What the string matcher's compile function gave. */
  | { readonly kind: "string"; readonly matcher: unknown }
  /** Any element of a list. */
  | { readonly kind: "list"; readonly oneOf: ValueMatcherConfig }
  | { readonly kind: "or"; readonly matchers: readonly ValueMatcherConfig[] };

/** Builds a string matcher; the function takes byte strings. Handed in: this room does not know it. */
export type BuildString = (config: unknown) => (value: string) => boolean;

/** The test of a value in JSON; one that is not there is undefined and matches nothing, as in Envoy. */
export function buildValueMatcher(
  config: ValueMatcherConfig,
  buildString: BuildString,
): (value: unknown) => boolean {
  switch (config.kind) {
    case "null":
      return (value) => value === null;
    case "present":
      return (value) => config.present && value !== undefined;
    case "bool":
    case "double":
      return (value) => value === config.value;
    case "range":
      return (value) => typeof value === "number" && value >= config.start && value < config.end;
    case "string": {
      const matches = buildString(config.matcher);
      return (value) => typeof value === "string" && matches(toByteString(value));
    }
    case "list": {
      const matches = buildValueMatcher(config.oneOf, buildString);
      return (value) => Array.isArray(value) && value.some(matches);
    }
    case "or": {
      const alternatives = config.matchers.map((inner) => buildValueMatcher(inner, buildString));
      return (value) => alternatives.some((matches) => matches(value));
    }
  }
}
