import fc, { type Arbitrary } from "fast-check";
import type { Config } from "../../diff/config-value.ts";
import { flag, maybe, message, one } from "./fields.ts";
import { stringMatcher } from "./matchers.ts";
import { HEADER_NAMES, PARAMETERS, VALUES } from "./vocabulary.ts";

const HEADER = "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput";
const QUERY = "type.googleapis.com/envoy.type.matcher.v3.HttpRequestQueryParamMatchInput";
const ROUTE = "type.googleapis.com/envoy.config.route.v3.Route";
const ROUTE_LIST = "type.googleapis.com/envoy.config.route.v3.RouteList";
const DEPTH_MAX = 2;

/** Routes may look at headers only; the few others are refused. */
const input: Arbitrary<Config> = fc.oneof(
  {
    weight: 99,
    arbitrary: one(...HEADER_NAMES, ":path", ":method").map((header_name) => ({
      name: "in",
      typed_config: { "@type": HEADER, header_name: header_name.toLowerCase() },
    })),
  },
  {
    weight: 1,
    arbitrary: one(...PARAMETERS).map((query_param) => ({
      name: "in",
      typed_config: { "@type": QUERY, query_param },
    })),
  },
);

const single: Arbitrary<Config> = message({
  // This StringMatcher is another one, whose expressions name their engine.
  single_predicate: message({
    input,
    value_match: stringMatcher.map(({ safe_regex: regex, ...rest }) =>
      regex === undefined ? rest : { safe_regex: { google_re2: {}, ...(regex as Config) } },
    ),
  }),
});

const predicate: Arbitrary<Config> = fc.oneof(
  { weight: 4, arbitrary: single },
  {
    weight: 1,
    arbitrary: message({
      or_matcher: message({ predicate: fc.array(single, { minLength: 2, maxLength: 3 }) }),
    }),
  },
  {
    weight: 1,
    arbitrary: message({
      and_matcher: message({ predicate: fc.array(single, { minLength: 2, maxLength: 3 }) }),
    }),
  },
  { weight: 1, arbitrary: message({ not_matcher: single }) },
);

/** A generic matcher whose actions are routes, or lists of them. */
export function matcherTree(route: Arbitrary<Config>): Arbitrary<Config> {
  const action: Arbitrary<Config> = fc.oneof(
    {
      weight: 3,
      arbitrary: route.map((own) => ({
        action: { name: "route", typed_config: { "@type": ROUTE, ...own } },
      })),
    },
    {
      weight: 1,
      arbitrary: fc.array(route, { minLength: 1, maxLength: 2 }).map((routes) => ({
        action: { name: "routes", typed_config: { "@type": ROUTE_LIST, routes } },
      })),
    },
  );
  const tree = (depth: number): Arbitrary<Config> => {
    const onMatch = fc
      .tuple(
        depth < DEPTH_MAX
          ? fc.oneof(
              { weight: 3, arbitrary: action },
              {
                weight: 1,
                arbitrary: message({ matcher: fc.constant(0).chain(() => tree(depth + 1)) }),
              },
            )
          : action,
        message({ keep_matching: maybe(1, flag) }),
      )
      .map(([what, rest]) => ({ ...what, ...rest }));
    const map = fc.dictionary(one(...VALUES.filter((text) => text !== "")), onMatch, {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true,
    });
    return fc
      .tuple(
        fc.oneof(
          message({
            matcher_list: message({
              matchers: fc.array(message({ predicate, on_match: onMatch }), {
                minLength: 1,
                maxLength: 3,
              }),
            }),
          }),
          message({ matcher_tree: message({ input, exact_match_map: message({ map }) }) }),
          message({ matcher_tree: message({ input, prefix_match_map: message({ map }) }) }),
        ),
        message({ on_no_match: maybe(40, onMatch) }),
      )
      .map(([what, rest]) => ({ ...what, ...rest }));
  };
  return tree(0);
}
