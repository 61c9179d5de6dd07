import fc, { type Arbitrary } from "fast-check";
import type { Config } from "../../diff/config-value.ts";
import { extension, flag, maybe, message, one } from "./fields.ts";

const HEADER_MUTATION = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";
const FILTER_CONFIG = "envoy.config.route.v3.FilterConfig";

/** Mutations of headers. */
export function mutations(): Arbitrary<Config[]> {
  const mutation = fc.oneof(
    message({
      append: message({
        header: message({
          key: one("x-a", "x-b", "x-early", "x-forwarded-for"),
          value: one("a", "b", "/a/b", "1.2.3.4"),
        }),
        append_action: one(
          "APPEND_IF_EXISTS_OR_ADD",
          "ADD_IF_ABSENT",
          "OVERWRITE_IF_EXISTS_OR_ADD",
          "OVERWRITE_IF_EXISTS",
        ),
      }),
    }),
    message({ remove: one("x-a", "x-b", "x-forwarded-for", "cookie") }),
  );
  return fc.array(mutation, { minLength: 1, maxLength: 2 });
}

/** Without those of queries, which Nuncio leaves encoded as they came. */
const mutationsMessage = message({
  request_mutations: maybe(70, mutations()),
  response_mutations: maybe(50, mutations()),
});

/** HTTP filters in front of the router. The one that there may be is called `x`, like every extension here. */
export const httpFilters: Arbitrary<Config[] | undefined> = maybe(
  12,
  fc
    .tuple(
      extension(
        HEADER_MUTATION,
        message({
          mutations: mutationsMessage,
          most_specific_header_mutations_wins: maybe(30, flag),
        }),
      ),
      maybe(15, fc.constant(true)),
    )
    .map(([filter, disabled]) => [disabled === true ? { ...filter, disabled: true } : filter]),
);

/** What a table, a virtual host or a route says to that filter. */
export const perFilterConfig: Arbitrary<Config> = fc
  .oneof(
    {
      weight: 3,
      arbitrary: message({
        "@type": one(`type.googleapis.com/${HEADER_MUTATION}PerRoute`),
        mutations: mutationsMessage,
      }),
    },
    {
      weight: 1,
      arbitrary: message({
        "@type": one(`type.googleapis.com/${FILTER_CONFIG}`),
        disabled: one(true),
      }),
    },
  )
  .map((x) => ({ x }));
