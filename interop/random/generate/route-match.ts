import fc, { type Arbitrary } from "fast-check";
import type { Config } from "../../diff/config-value.ts";
import { extension, flag, maybe, message, one } from "./fields.ts";
import { cookieMatcher, headerMatcher, queryMatcher } from "./matchers.ts";
import { PATHS, PATH_REGEXES, TEMPLATES } from "./vocabulary.ts";

const TEMPLATE_MATCH = "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig";

/** What a route says of the path. The kind decides which rewrites Envoy allows. */
const pathSpecifier: Arbitrary<Config> = fc.oneof(
  { weight: 6, arbitrary: message({ prefix: one(...PATHS), case_sensitive: maybe(15, flag) }) },
  { weight: 4, arbitrary: message({ path: one(...PATHS), case_sensitive: maybe(15, flag) }) },
  {
    weight: 3,
    arbitrary: message({
      path_separated_prefix: one(
        ...PATHS.filter((path) => !path.endsWith("/") && !/[?#]/.test(path)),
      ),
      case_sensitive: maybe(15, flag),
    }),
  },
  {
    weight: 3,
    arbitrary: message({
      safe_regex: message({ regex: one(...PATH_REGEXES.map(([regex]) => regex)) }),
    }),
  },
  {
    weight: 2,
    arbitrary: message({
      path_match_policy: extension(
        TEMPLATE_MATCH,
        message({ path_template: one(...TEMPLATES.map(([template]) => template)) }),
      ),
    }),
  },
);

/** A chance of none or of all: the others would be chance. */
const certainFraction = message({
  default_value: message({ numerator: one(0, 100), denominator: one("HUNDRED") }),
});

/** `envoy.config.route.v3.RouteMatch`. */
export const routeMatch: Arbitrary<Config> = fc
  .tuple(
    pathSpecifier,
    message({
      headers: maybe(30, fc.array(headerMatcher, { minLength: 1, maxLength: 2 })),
      query_parameters: maybe(15, fc.array(queryMatcher, { minLength: 1, maxLength: 2 })),
      cookies: maybe(10, fc.array(cookieMatcher, { minLength: 1, maxLength: 2 })),
      grpc: maybe(4, fc.constant({})),
      tls_context: maybe(3, message({ presented: maybe(50, flag), validated: maybe(50, flag) })),
      runtime_fraction: maybe(5, certainFraction),
    }),
  )
  .map(([path, rest]) => ({ ...path, ...rest }));
