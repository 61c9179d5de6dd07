import fc, { type Arbitrary } from "fast-check";
import type { Config } from "../../diff/config-value.ts";
import { maybe, message, one } from "./fields.ts";
import { tableOptions, virtualHosts } from "./route-table.ts";

const extractor: Arbitrary<Config> = fc.oneof(
  message({ name: one("x-a", "x-scope"), index: one(0) }),
  message({ name: one("x-a", "x-scope"), element_separator: one(",", ";"), index: one(0, 1) }),
  message({
    name: one("x-a", "x-scope"),
    element_separator: maybe(50, one(";")),
    element: message({ key: one("k"), separator: one("=") }),
  }),
);

const table: Arbitrary<Config> = fc
  .tuple(tableOptions, virtualHosts)
  .map(([options, virtual_hosts]) => ({ name: "t", ...options, virtual_hosts }));

/** `scoped_routes` with inline tables, chosen by one or two headers. */
export const scopedRoutes: Arbitrary<Config> = fc
  .array(extractor, { minLength: 1, maxLength: 2 })
  .chain((extractors) =>
    fc
      .array(fc.tuple(fc.array(one("a", "b", "1"), { minLength: 2, maxLength: 2 }), table), {
        minLength: 1,
        maxLength: 3,
      })
      .map((scopes) => ({
        name: "scopes",
        scope_key_builder: {
          fragments: extractors.map((header_value_extractor) => ({ header_value_extractor })),
        },
        scoped_route_configurations_list: {
          scoped_route_configurations: scopes.map(([keys, route_configuration], index) => ({
            name: `s${index + 1}`,
            key: {
              fragments: extractors.map((_, at) => ({ string_key: keys[at] })),
            },
            route_configuration,
          })),
        },
      })),
  );
