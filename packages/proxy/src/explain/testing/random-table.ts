import type { HeaderMap } from "@nuncio/codec";
import fc from "fast-check";
import type {
  PathMatchConfig,
  RouteActionConfig,
  RouteConfig,
  RouteMatchConfig,
  RouteTableConfig,
  VirtualHostConfig,
} from "../../http/route/model.ts";
import { request } from "../../http/route/testing/route-table.ts";

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

/** For tests: a virtual host for every domain, its routes named by their numbers. */
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

/** For tests: a table of one virtual host. */
export const tables: fc.Arbitrary<RouteTableConfig> = fc
  .record({ virtualHost: virtualHosts, ignorePathParameters: fc.boolean() })
  .map(({ virtualHost, ignorePathParameters }) => ({
    name: "t",
    virtualHosts: [virtualHost],
    internalOnlyHeaders: [],
    mostSpecificHeaderMutationsWins: false,
    ignorePortInHostMatching: false,
    ignorePathParameters,
  }));

/** For tests: requests that such tables take now and then. */
export const requests: fc.Arbitrary<HeaderMap> = fc
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
