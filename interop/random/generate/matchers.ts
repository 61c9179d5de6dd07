import fc, { type Arbitrary } from "fast-check";
import type { Config } from "../../diff/config-value.ts";
import { flag, maybe, message, one } from "./fields.ts";
import { COOKIES, HEADER_NAMES, PARAMETERS, VALUES, VALUE_REGEXES } from "./vocabulary.ts";

const value = one(...VALUES.filter((text) => text !== ""));

/** `envoy.type.matcher.v3.StringMatcher`. */
export const stringMatcher: Arbitrary<Config> = fc.oneof(
  message({ exact: one(...VALUES), ignore_case: maybe(20, flag) }),
  message({ prefix: value, ignore_case: maybe(20, flag) }),
  message({ suffix: value, ignore_case: maybe(20, flag) }),
  message({ contains: value, ignore_case: maybe(20, flag) }),
  message({ safe_regex: message({ regex: one(...VALUE_REGEXES) }) }),
);

/** Headers that matchers look at: those of the pool, and pseudo headers. */
const headerName = fc.oneof(
  { weight: 6, arbitrary: one(...HEADER_NAMES) },
  { weight: 1, arbitrary: one(":method", ":authority", ":path", ":scheme", "host", "cookie") },
);

/** `envoy.config.route.v3.HeaderMatcher`, in the forms that are still served, deprecated ones too. */
export const headerMatcher: Arbitrary<Config> = fc
  .tuple(
    headerName,
    fc.oneof(
      { weight: 6, arbitrary: message({ string_match: stringMatcher }) },
      { weight: 2, arbitrary: message({ present_match: flag }) },
      {
        weight: 2,
        arbitrary: message({
          range_match: message({ start: one(-10, 0, 1, 5), end: one(2, 12, 13, 100) }),
        }),
      },
      { weight: 1, arbitrary: message({ exact_match: value }) },
      { weight: 1, arbitrary: message({ prefix_match: value }) },
      { weight: 1, arbitrary: message({ suffix_match: value }) },
      { weight: 1, arbitrary: message({ contains_match: value }) },
      { weight: 1, arbitrary: fc.constant({}) },
    ),
    message({ invert_match: maybe(20, flag), treat_missing_header_as_empty: maybe(20, flag) }),
  )
  .map(([name, match, rest]) => ({ name, ...match, ...rest }));

/** `envoy.config.route.v3.QueryParameterMatcher`. */
export const queryMatcher: Arbitrary<Config> = fc
  .tuple(
    one(...PARAMETERS),
    fc.oneof(
      message({ string_match: stringMatcher }),
      message({ present_match: flag }),
      fc.constant({}),
    ),
  )
  .map(([name, match]) => ({ name, ...match }));

/** `envoy.config.route.v3.CookieMatcher`. */
export const cookieMatcher: Arbitrary<Config> = message({
  name: one(...COOKIES),
  string_match: stringMatcher,
  invert_match: maybe(20, flag),
});
