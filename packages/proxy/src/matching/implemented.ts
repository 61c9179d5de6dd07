import { httpInputConfigSides } from "./inputs/http-config.ts";
import { networkInputConfigSides } from "./inputs/network-config.ts";
import { inputMatcherConfigSides } from "./matchers/main-registry.ts";

const MATCHER = "xds.type.matcher.v3.Matcher";

const trees = {
  [MATCHER]: "all",
  [`${MATCHER}.OnMatch`]: "all",
  [`${MATCHER}.MatcherList`]: "all",
  [`${MATCHER}.MatcherList.Predicate`]: "all",
  [`${MATCHER}.MatcherList.Predicate.SinglePredicate`]: "all",
  [`${MATCHER}.MatcherList.Predicate.PredicateList`]: "all",
  [`${MATCHER}.MatcherList.FieldMatcher`]: "all",
  [`${MATCHER}.MatcherTree`]: "all",
  [`${MATCHER}.MatcherTree.MatchMap`]: "all",
  "xds.type.matcher.v3.IPMatcher": "all",
  "xds.type.matcher.v3.IPMatcher.IPRangeMatcher": "all",
  "xds.type.matcher.v3.ServerNameMatcher": "all",
  "xds.type.matcher.v3.ServerNameMatcher.DomainMatcher": "all",
  "xds.type.matcher.v3.StringMatcher": [
    "exact",
    "prefix",
    "suffix",
    "safe_regex",
    "contains",
    "custom",
    "ignore_case",
  ],
  "xds.type.matcher.v3.RegexMatcher": "all",
  "xds.type.matcher.v3.RegexMatcher.GoogleRE2": "all",
  "xds.core.v3.TypedExtensionConfig": "all",
  "xds.core.v3.CidrRange": "all",
} as const;

/** Messages and fields of matchers that are implemented, with all inputs and input matchers. */
export const implemented: { readonly [type: string]: readonly string[] | "all" } = Object.assign(
  { ...trees },
  ...[httpInputConfigSides, networkInputConfigSides, inputMatcherConfigSides].flatMap((sides) =>
    [...sides.values()].map((side) => side.implemented),
  ),
);
