import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderMap } from "@nuncio/codec";
import fc from "fast-check";
import type {
  PathMatchConfig,
  RouteActionConfig,
  RouteConfig,
  RouteMatchConfig,
  RouteTableConfig,
  VirtualHostConfig,
} from "../http/route/model.ts";
import { buildRouteTable, type RouteTable } from "../http/route/table.ts";
import { request } from "../http/route/testing/route-table.ts";
import { StreamInfo } from "../observe/stream-info.ts";
import { Runtime } from "../runtime/snapshot.ts";
import { drawOf } from "./chance.ts";
import { RouteWalker, type Walk } from "./route-walk.ts";

const PIECES = ["/", "/a", "/a/", "/ab", "/a/b", "/A/b", "/b", ""];
const REGEXES = ["/a.*", "/a/[^/]+", "/[ab]", "(?i)/A/b", "/a|/b"];
const DENOMINATORS = [100, 10_000];

const path: fc.Arbitrary<PathMatchConfig> = fc.oneof(
  fc.constantFrom(...REGEXES).map((value) => ({ kind: "regex" as const, value })),
  fc
    .record({
      kind: fc.constantFrom("exact" as const, "prefix" as const, "separated_prefix" as const),
      value: fc.constantFrom(...PIECES),
      ignoreCase: fc.boolean(),
    })
    .map(({ kind, value, ignoreCase }) =>
      ignoreCase
        ? { kind, value: value.toLowerCase(), ignoreCase: true as const }
        : { kind, value },
    ),
);

const text = fc.constantFrom("1", "2", "12").chain((value) =>
  fc.record({
    kind: fc.constantFrom("exact" as const, "prefix" as const, "suffix" as const),
    value: fc.constant(value),
    ignoreCase: fc.boolean(),
  }),
);

const match: fc.Arbitrary<RouteMatchConfig> = fc.record(
  {
    path,
    headers: fc.array(
      fc.record({
        name: fc.constantFrom("x", "y", ":method"),
        invert: fc.boolean(),
        missingAsEmpty: fc.boolean(),
        test: fc.oneof(
          text.map((string) => ({ kind: "string" as const, string })),
          fc.boolean().map((present) => ({ kind: "present" as const, present })),
          fc.constant({ kind: "range" as const, start: 1n, end: 2n }),
        ),
      }),
      { maxLength: 2 },
    ),
    queryParameters: fc.array(
      fc.record({ name: fc.constant("q"), present: fc.boolean(), string: fc.option(text) }),
      { maxLength: 1 },
    ),
    cookies: fc.array(fc.record({ name: fc.constant("c"), invert: fc.boolean(), string: text }), {
      maxLength: 1,
    }),
    grpc: fc.constant(true as const),
    runtimeFraction: fc
      .constantFrom(...DENOMINATORS)
      .chain((denominator) =>
        fc.record({ numerator: fc.nat(denominator), denominator: fc.constant(denominator) }),
      ),
  },
  { requiredKeys: ["path"] },
);

const weighted: fc.Arbitrary<RouteActionConfig> = fc
  .record({
    weights: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }),
    header: fc.constantFrom("", "y"),
  })
  .filter(({ weights }) => weights.some((weight) => weight > 0))
  .map(({ weights, header }) => ({
    kind: "route",
    cluster: {
      kind: "weighted",
      clusters: weights.map((weight, index) => ({ name: `c${index}`, header: "", weight })),
      totalWeight: weights.reduce((sum, weight) => sum + weight, 0),
      randomValueHeader: header,
    },
  }));

const action: fc.Arbitrary<RouteConfig["action"]> = fc.oneof(
  weighted,
  fc.constant({ kind: "route" as const, cluster: { kind: "cluster" as const, name: "c" } }),
  fc.constant({ kind: "direct_response" as const, status: 200, body: "" }),
);

/** Its routes are named by their numbers. */
const virtualHosts: fc.Arbitrary<VirtualHostConfig> = fc
  .array(fc.record({ match, action }), { maxLength: 12 })
  .map((routes) => ({
    name: "v",
    domains: ["*"],
    requireTls: "none",
    includeRequestAttemptCount: false,
    includeAttemptCountInResponse: false,
    routes: routes.map((route, index) => ({ ...route, name: String(index) })),
  }));

const tables: fc.Arbitrary<RouteTableConfig> = fc
  .record({ virtualHost: virtualHosts, ignorePathParameters: fc.boolean() })
  .map(({ virtualHost, ignorePathParameters }) => ({
    name: "t",
    virtualHosts: [virtualHost],
    internalOnlyHeaders: [],
    mostSpecificHeaderMutationsWins: false,
    ignorePortInHostMatching: false,
    ignorePathParameters,
  }));

const requests: fc.Arbitrary<HeaderMap> = fc
  .tuple(
    fc.array(fc.constantFrom(...PIECES, "/A", ";p=1", "/c"), { minLength: 1, maxLength: 3 }),
    fc.constantFrom("", "?", "?q", "?q=1&r", "?q=12"),
    fc.array(
      fc.constantFrom(
        ["x", "1"],
        ["x", "2"],
        ["y", "12"],
        ["y", "1"],
        ["cookie", "c=1; d=2"],
        ["content-type", "application/grpc"],
      ),
      { maxLength: 4 },
    ),
  )
  .map(([pieces, query, headers]) => request(pieces.join("") + query, ...headers.flat()));

void test("the explained route is the route table's, whatever is drawn", () => {
  const draws = fc.array(fc.maxSafeNat(), { minLength: 3, maxLength: 6 });
  fc.assert(
    fc.property(tables, fc.array(requests, { minLength: 5, maxLength: 10 }), draws, checkAll),
    { numRuns: 400 },
  );
});

function checkAll(config: RouteTableConfig, many: HeaderMap[], draws: number[]): void {
  const table = tableOf(config);
  const walker = new RouteWalker(config, new Runtime());
  for (const headers of many) {
    const walk = walker.walk(config.virtualHosts[0]!.routes, headers, new StreamInfo());
    const context = `${headers.path} ${headers.entries.join(" ")} in ${shown(config)}`;
    checkOutcomes(walk, table, headers, context);
    for (const number of draws) {
      const expected = walk.trials.find(({ taken }) => taken?.has(number) === true);
      const found = table.match(headers, new StreamInfo(), drawOf(number));
      assert.equal(found?.routeName, expected?.route.name, context);
    }
  }
}

/** Each outcome's own number leads to it, and together they are all there is. */
function checkOutcomes(walk: Walk, table: RouteTable, headers: HeaderMap, context: string): void {
  const clusters = new Set<string>();
  let sum = 0;
  for (const { index, probability, example } of walk.outcomes) {
    const found = table.match(headers, new StreamInfo(), drawOf(example));
    assert.equal(found?.routeName, index === null ? undefined : String(index), context);
    const way = `${found?.routeName} ${found?.clusterName(headers)}`;
    assert.ok(!clusters.has(way), `${way} twice: ${context}`);
    clusters.add(way);
    sum += probability;
  }
  assert.ok(Math.abs(sum - 1) < 1e-9, `sum ${sum}: ${context}`);
}

function tableOf(config: RouteTableConfig): RouteTable {
  const worker = { nowMs: () => 0, wallMs: () => 0, runtime: new Runtime() };
  return buildRouteTable(config, {
    worker: worker as Parameters<typeof buildRouteTable>[1]["worker"],
    buildPerRoute: () => null,
  });
}

function shown(config: RouteTableConfig): string {
  return JSON.stringify(config.virtualHosts[0]!.routes, (_key, value: unknown) =>
    typeof value === "bigint" ? Number(value) : value,
  );
}
