import fc, { type Arbitrary } from "fast-check";
import type { Config } from "../../diff/config-value.ts";
import { flag, maybe, message, one } from "./fields.ts";
import { HEADER_NAMES, HEADER_VALUES, LOG_VALUES } from "./vocabulary.ts";

const requestName = one(
  ...HEADER_NAMES,
  "x-new",
  "via",
  "content-type",
  "x-forwarded-for",
  "cookie",
);
const responseName = one(
  ...HEADER_NAMES,
  "x-new",
  "server",
  "content-type",
  "set-cookie",
  "location",
);

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: message({
      append_action: one(
        "APPEND_IF_EXISTS_OR_ADD",
        "ADD_IF_ABSENT",
        "OVERWRITE_IF_EXISTS_OR_ADD",
        "OVERWRITE_IF_EXISTS",
      ),
    }),
  },
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: message({ append: flag }) },
);

/** `envoy.config.core.v3.HeaderValueOption` for a header of these names. */
function headerOption(name: Arbitrary<string>): Arbitrary<Config> {
  return fc
    .tuple(
      message({ key: name, value: fc.oneof(one(...HEADER_VALUES), fc.constant("")) }),
      action,
      message({ keep_empty_value: maybe(15, flag) }),
    )
    .map(([header, appended, rest]) => ({ header, ...appended, ...rest }));
}

/** More headers for a response, as a local reply's mapper adds them. */
export const headersToAdd: Arbitrary<Config[]> = fc.array(headerOption(responseName), {
  minLength: 1,
  maxLength: 2,
});

/** The four lists of edits that a table, a virtual host, a route and a weighted cluster have; most have none. */
export function headerEdits(percent: number): Arbitrary<Config> {
  const some = <T>(item: Arbitrary<T>): Arbitrary<T[]> =>
    fc.array(item, { minLength: 1, maxLength: 3 });
  return message({
    request_headers_to_add: maybe(percent, some(headerOption(requestName))),
    request_headers_to_remove: maybe(Math.floor(percent / 2), some(requestName)),
    response_headers_to_add: maybe(percent, some(headerOption(responseName))),
    response_headers_to_remove: maybe(Math.floor(percent / 2), some(responseName)),
  });
}

/** More fields of the access log. */
export const logFields: Arbitrary<Config> = fc
  .uniqueArray(one(...HEADER_VALUES, ...LOG_VALUES), { minLength: 1, maxLength: 5 })
  .map((values) => Object.fromEntries(values.map((value, index) => [`f${index + 1}`, value])));
