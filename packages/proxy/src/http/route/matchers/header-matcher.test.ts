import assert from "node:assert/strict";
import { test } from "node:test";
import { request, routeOf, tableOf } from "../testing/route-table.ts";

/** One route per matcher, named after it. Values are the matcher of header `x`. */
const MATCHERS: { readonly [name: string]: string } = {
  present: "present_match: true",
  absent: "present_match: false",
  "not present": "present_match: true, invert_match: true",
  "not absent": "present_match: false, invert_match: true",
  "present, missing as empty": "present_match: true, treat_missing_header_as_empty: true",
  "absent, missing as empty": "present_match: false, treat_missing_header_as_empty: true",
  any: "invert_match: false",
  none: "invert_match: true",
  exact: "string_match: { exact: a }",
  "not exact": "string_match: { exact: a }, invert_match: true",
  "exact empty, missing as empty":
    "string_match: { exact: '' }, treat_missing_header_as_empty: true",
  "not exact, missing as empty":
    "string_match: { exact: a }, invert_match: true, treat_missing_header_as_empty: true",
  "exact ignoring case": "string_match: { exact: AbC, ignore_case: true }",
  "contains ignoring case": "string_match: { contains: AbC, ignore_case: true }",
  prefix: "string_match: { prefix: a }",
  suffix: "string_match: { suffix: c }",
  regex: "string_match: { safe_regex: { regex: a.c } }",
  range: "range_match: { start: -10, end: 10 }",
  "not range": "range_match: { start: -10, end: 10 }, invert_match: true",
  "not range, missing as empty":
    "range_match: { start: -10, end: 10 }, invert_match: true, treat_missing_header_as_empty: true",
};

const TABLE = tableOf(`
name: r
virtual_hosts:
- name: v
  domains: ["*"]
  routes:
${Object.entries(MATCHERS)
  .map(
    ([name, matcher]) =>
      `  - name: "${name}"
    match: { path: "/${name}", headers: [{ name: X, ${matcher} }] }
    direct_response: { status: 200 }`,
  )
  .join("\n")}
`);

function matching(...lines: readonly string[]): string[] {
  const pairs = lines.flatMap((value) => ["x", value]);
  return Object.keys(MATCHERS).filter(
    (name) => routeOf(TABLE, request(`/${name}`, ...pairs)) !== null,
  );
}

// Every row was seen on Envoy 1.40.
const ALWAYS_WITH_HEADER = ["present", "not absent", "present, missing as empty", "any"];
const SEEN: readonly (readonly [lines: readonly string[], matchers: readonly string[]])[] = [
  [
    [],
    [
      "absent",
      "not present",
      "present, missing as empty",
      "none",
      "exact empty, missing as empty",
      "not exact, missing as empty",
      "not range, missing as empty",
    ],
  ],
  [["a"], ["exact", "prefix"]],
  [[""], ["not exact", "exact empty, missing as empty", "not exact, missing as empty"]],
  [
    ["b", "a"],
    ["exact", "prefix"],
  ],
  [
    ["a", "b"],
    ["exact", "prefix"],
  ],
  [
    ["b", "c"],
    ["not exact", "not exact, missing as empty", "suffix"],
  ],
  [["a,b"], ["not exact", "not exact, missing as empty", "prefix"]],
  [["xabcx"], ["not exact", "not exact, missing as empty", "contains ignoring case"]],
  [
    ["ABC"],
    ["not exact", "not exact, missing as empty", "exact ignoring case", "contains ignoring case"],
  ],
  [["a\xffc"], ["not exact", "not exact, missing as empty", "prefix", "suffix", "regex"]],
  [["a\xc3\xa9c"], ["not exact", "not exact, missing as empty", "prefix", "suffix"]],
];

void test("headers match as on Envoy: line by line, and missing ones hardly ever", () => {
  for (const [lines, matchers] of SEEN) {
    const always =
      lines.length === 0 ? [] : [...ALWAYS_WITH_HEADER, "not range", "not range, missing as empty"];
    assert.deepEqual(
      matching(...lines).toSorted(),
      [...always, ...matchers].toSorted(),
      JSON.stringify(lines),
    );
  }
});

void test("a range takes whole 64-bit numbers from its start to below its end", () => {
  const inRange = (...lines: string[]): boolean => matching(...lines).includes("range");
  for (const value of ["5", "-10", "+5", " 5", "05", "-0", "9"])
    assert.equal(inRange(value), true, value);
  for (const value of ["10", "-11", "5.0", "0x5", "", "5a", "9223372036854775808"]) {
    assert.equal(inRange(value), false, value);
  }
  assert.equal(inRange("20", "5"), true, "one of the lines is enough");
});

void test("deprecated forms are taken; an empty exact value asks for presence", () => {
  const forms = {
    exact: "exact_match: abc",
    empty: "exact_match: ''",
    prefix: "prefix_match: a",
    suffix: "suffix_match: c",
    contains: "contains_match: b",
    regex: "safe_regex_match: { regex: a.* }",
  };
  const routes = Object.entries(forms).map(
    ([name, form]) =>
      `{ name: ${name}, match: { path: /${name}, headers: [{ name: x, ${form} }] }, direct_response: { status: 200 } }`,
  );
  const table = tableOf(
    `virtual_hosts: [{ name: v, domains: ["*"], routes: [${routes.join(",")}] }]`,
  );
  const hits = (...pairs: string[]): string[] =>
    Object.keys(forms).filter((name) => routeOf(table, request(`/${name}`, ...pairs)) !== null);
  assert.deepEqual(hits("x", "abc"), ["exact", "empty", "prefix", "suffix", "contains", "regex"]);
  assert.deepEqual(hits("x", "zbz"), ["empty", "contains"]);
  assert.deepEqual(hits(), []);
});

void test("pseudo headers match by their names, and host is the authority", () => {
  const table = tableOf(`
virtual_hosts:
- name: v
  domains: ["*"]
  routes:
  - { name: path, match: { prefix: /p, headers: [{ name: ":path", string_match: { exact: "/p?x" } }] }, direct_response: { status: 200 } }
  - { name: method, match: { prefix: /m, headers: [{ name: ":method", string_match: { exact: POST } }] }, direct_response: { status: 200 } }
  - { name: host, match: { prefix: /h, headers: [{ name: Host, string_match: { exact: "H.com:80" } }] }, direct_response: { status: 200 } }
  - { name: scheme, match: { prefix: /s, headers: [{ name: ":scheme", present_match: true }] }, direct_response: { status: 200 } }
`);
  assert.equal(routeOf(table, request("/p?x")), "path");
  assert.equal(routeOf(table, request("/p?y")), null);
  assert.equal(routeOf(table, request("/m", ":method", "POST")), "method");
  assert.equal(routeOf(table, request("/m")), null);
  assert.equal(routeOf(table, request("/h", ":authority", "H.com:80")), "host");
  assert.equal(routeOf(table, request("/h")), null);
  assert.equal(routeOf(table, request("/s")), "scheme");
});
