import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderMap } from "@nuncio/codec";
import fc from "fast-check";
import { StreamInfo } from "../../../observe/stream-info.ts";
import type { PathMatchConfig, RouteConfig, RouteMatchConfig } from "../model.ts";
import { firstMatch } from "../testing/first-match.ts";
import { request } from "../testing/route-table.ts";
import { Conditions } from "./conditions.ts";
import { pathToMatch } from "./path-to-match.ts";
import { RouteIndex } from "./route-index.ts";

const INFO = new StreamInfo();
const PIECES = ["/", "/a", "/a/", "/ab", "/a/b", "/A/b", "/a/b/c", "/b", "a", ""];
const REGEXES = [
  "/a.*",
  "/a/[^/]+",
  "/[ab]",
  ".*b",
  "/a/(b|b/c)",
  "(?i)/A/b",
  "/(a+)+",
  "/a|/b",
  "/.*/b.*",
];

const paths: fc.Arbitrary<PathMatchConfig> = fc.oneof(
  { weight: 4, arbitrary: textPath() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...REGEXES).map((value) => ({ kind: "regex" as const, value })),
  },
);

function textPath(): fc.Arbitrary<PathMatchConfig> {
  return fc
    .record({
      kind: fc.constantFrom("exact" as const, "prefix" as const, "separated_prefix" as const),
      value: fc.constantFrom(...PIECES),
      ignoreCase: fc.boolean(),
    })
    .map(({ kind, value, ignoreCase }) =>
      ignoreCase
        ? { kind, value: value.toLowerCase(), ignoreCase: true as const }
        : { kind, value },
    );
}

const match: fc.Arbitrary<RouteMatchConfig> = fc.record(
  {
    path: paths,
    headers: fc.constantFrom(undefined, "1", "2").map((value) =>
      value === undefined
        ? []
        : [
            {
              name: "x",
              invert: false,
              missingAsEmpty: false,
              test: {
                kind: "string" as const,
                string: { kind: "exact" as const, value, ignoreCase: false },
              },
            },
          ],
    ),
    queryParameters: fc.constantFrom([], [{ name: "q", present: true, string: null }]),
    runtimeFraction: fc.record({ numerator: fc.nat(100), denominator: fc.constant(100) }),
  },
  { requiredKeys: ["path", "headers", "queryParameters"] },
);

const tables: fc.Arbitrary<RouteConfig[]> = fc.array(
  match.map((config) => ({
    match: config,
    action: { kind: "direct_response", status: 200, body: "" },
  })),
  { maxLength: 30 },
);

const requests: fc.Arbitrary<HeaderMap> = fc
  .tuple(
    fc.array(fc.constantFrom(...PIECES, "/A", "/aB", "b;p=1", "/c"), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom("", "?", "?q", "?q=1&r", "?r"),
    fc.constantFrom([], ["x", "1"], ["x", "2"], ["x", "2", "x", "1"]),
  )
  .map(([pieces, query, headers]) => request(pieces.join("") + query, ...headers));

void test("the index finds what asking the routes one after the other finds", () => {
  fc.assert(
    fc.property(
      tables,
      fc.array(requests, { minLength: 10, maxLength: 20 }),
      fc.nat(),
      (routes, many, random) => {
        const index = new RouteIndex(routes, new Conditions(routes));
        for (const headers of many) {
          for (const ignoreParameters of [false, true]) {
            const path = pathToMatch(headers.path, ignoreParameters);
            const expected = firstMatch(routes, path, headers, INFO, random);
            assert.equal(
              index.find(path, headers, INFO, random),
              expected,
              `${headers.path} in ${JSON.stringify(routes)}`,
            );
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
});

void test("a request asks a handful of routes out of ten thousand", () => {
  const routes: RouteConfig[] = Array.from({ length: 10_000 }, (_, i) => ({
    match: { path: { kind: i % 2 === 0 ? "prefix" : "exact", value: `/service/${i}/` } },
    action: { kind: "direct_response", status: 200, body: "" },
  }));
  const asked: number[] = [];
  const conditions = new (class extends Conditions {
    override hold(index: number): boolean {
      asked.push(index);
      return true;
    }
  })(routes);
  const index = new RouteIndex(routes, conditions);
  assert.equal(index.find("/service/9998/a", request("/"), INFO, 0), 9998);
  assert.equal(index.find("/service/9999/", request("/"), INFO, 0), 9999);
  assert.equal(index.find("/service/10000/", request("/"), INFO, 0), -1);
  assert.deepEqual(asked, [9998, 9999]);
});
