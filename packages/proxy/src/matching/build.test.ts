import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { WorkerContext } from "../base/worker-context.ts";
import { buildMatcher } from "./build.ts";
import type { MatchInputBuilders } from "./extension.ts";
import type { ExtensionConfig, MatcherConfig, OnMatchConfig, PredicateConfig } from "./model.ts";
import { naiveMatch, type Values } from "./testing/naive-match.ts";

type Matcher = MatcherConfig<string>;
type On = OnMatchConfig<string>;

const TYPE = "test.Value";
const INPUTS: MatchInputBuilders<Values> = new Map([
  [TYPE, { configType: TYPE, build: (name: string) => (values: Values) => values[name] }],
]);

function match(config: Matcher, values: Values): string | null | undefined {
  const worker = {} as WorkerContext;
  const parts = { worker, inputs: INPUTS, buildAction: (name: string) => name };
  return buildMatcher(structuredClone(config), parts).match(values);
}

const input = (name: string): ExtensionConfig => ({ type: TYPE, plain: name });
const act = (action: string, keepMatching = false): On => ({
  kind: "action",
  action,
  keepMatching,
});
const nest = (matcher: Matcher, keepMatching = false): On => ({
  kind: "matcher",
  matcher,
  keepMatching,
});
const exactly = (name: string, value: string): PredicateConfig => ({
  kind: "single",
  input: input(name),
  matcher: { kind: "string", string: { kind: "exact", value, ignoreCase: false } },
});

const NAMES = ["a", "b"];
const KEYS = ["", "x", "xy", "xyz", "y", "yx"];
const DOMAINS = ["a.com", "x.a.com", "*.a.com", "*.x.a.com", "*.com", "*", "com"];
const IPS = [
  "10.0.0.1",
  "10.1.2.3",
  "11.0.0.0",
  "255.255.255.255",
  "0.0.0.0",
  "::",
  "2001:db8::1",
  "ffff::ffff",
];
const VALUES = [...KEYS, ...IPS, "x.a.com", "z.x.a.com", "a.com", "b.org", ".com"];

const values: fc.Arbitrary<Values> = fc.record({
  a: fc.constantFrom(...VALUES, null, undefined),
  b: fc.constantFrom(...VALUES, null, undefined),
});

const inputs = fc.constantFrom(...NAMES).map(input);
const bits = fc.constantFrom(0, 1, 7, 8, 16, 24, 31, 32, 40, 64, 127, 128, 200);

const { matcher } = fc.letrec<{ predicate: PredicateConfig; matcher: Matcher; on: On }>((tie) => {
  const many = <T>(element: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    fc.array(element, { minLength: 1, maxLength: 4 });
  const map = fc.uniqueArray(fc.tuple(fc.constantFrom(...KEYS), tie("on")), {
    minLength: 1,
    maxLength: 5,
    selector: ([key]) => key,
  });
  const domains = fc
    .uniqueArray(fc.constantFrom(...DOMAINS), { minLength: 1 })
    .chain((names) =>
      fc.tuple(...names.map((name) => tie("on").map((onMatch) => ({ domains: [name], onMatch })))),
    );
  return {
    predicate: fc.oneof(
      { maxDepth: 3 },
      fc.record({
        kind: fc.constant("single" as const),
        input: inputs,
        matcher: fc.record({
          kind: fc.constant("string" as const),
          string: fc.record({
            kind: fc.constantFrom(
              "exact" as const,
              "prefix" as const,
              "suffix" as const,
              "contains" as const,
            ),
            value: fc.constantFrom(...KEYS),
            ignoreCase: fc.boolean(),
          }),
        }),
      }),
      fc.record({
        kind: fc.constantFrom("and" as const, "or" as const),
        predicates: many(tie("predicate")),
      }),
      fc.record({ kind: fc.constant("not" as const), predicate: tie("predicate") }),
    ),
    on: fc.oneof(
      { maxDepth: 3 },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant("action" as const),
          action: fc.string({ minLength: 4 }),
          keepMatching: fc.boolean(),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("matcher" as const),
          matcher: tie("matcher"),
          keepMatching: fc.boolean(),
        }),
      },
    ),
    matcher: fc.record({
      tree: fc.option(
        fc.oneof(
          fc.record({
            kind: fc.constant("list" as const),
            matchers: many(fc.record({ predicate: tie("predicate"), onMatch: tie("on") })),
          }),
          fc.record({
            kind: fc.constantFrom("exact" as const, "prefix" as const),
            input: inputs,
            map,
          }),
          fc.record({
            kind: fc.constant("ip_range" as const),
            input: inputs,
            matchers: many(
              fc.record({
                ranges: many(fc.record({ ip: fc.constantFrom(...IPS), bits })),
                exclusive: fc.boolean(),
                onMatch: tie("on"),
              }),
            ),
          }),
          fc.record({ kind: fc.constant("domain" as const), input: inputs, matchers: domains }),
        ),
      ),
      onNoMatch: fc.option(tie("on")),
    }),
  };
});

void test("a built tree finds what a naive interpreter finds", () => {
  let matched = 0;
  fc.assert(
    fc.property(matcher, fc.array(values, { minLength: 5, maxLength: 10 }), (config, requests) => {
      for (const request of requests) {
        const expected = naiveMatch(config, request);
        if (typeof expected === "string") matched++;
        assert.equal(match(config, request), expected);
      }
    }),
    { seed: 7, numRuns: 3000 },
  );
  assert.ok(matched > 1000, `only ${matched} requests matched`);
});

void test("keep_matching goes on as if the match had missed", () => {
  const list = (first: On): Matcher => ({
    tree: {
      kind: "list",
      matchers: [
        { predicate: exactly("a", "x"), onMatch: first },
        { predicate: exactly("a", "x"), onMatch: act("second") },
      ],
    },
    onNoMatch: act("none"),
  });
  assert.equal(match(list(act("first")), { a: "x" }), "first");
  assert.equal(match(list(act("first", true)), { a: "x" }), "second");
  const inner: Matcher = { tree: null, onNoMatch: act("inner") };
  assert.equal(match(list(nest(inner, true)), { a: "x" }), "second");
  assert.equal(match(list(act("first", true)), { a: "y" }), "none");
});

void test("a value that is not there yet leaves the match open, unless another one decides it", () => {
  const tree = (predicate: PredicateConfig): Matcher => ({
    tree: { kind: "list", matchers: [{ predicate, onMatch: act("hit") }] },
    onNoMatch: act("none"),
  });
  const [a, b] = [exactly("a", "x"), exactly("b", "y")];
  const open = { a: undefined, b: "y" };
  assert.equal(match(tree(a), open), undefined);
  assert.equal(match(tree({ kind: "not", predicate: a }), open), undefined);
  assert.equal(match(tree({ kind: "or", predicates: [a, b] }), open), "hit");
  assert.equal(match(tree({ kind: "and", predicates: [b, a] }), open), undefined);
  assert.equal(match(tree({ kind: "and", predicates: [b, a] }), { a: undefined, b: "n" }), "none");
  const keyed: Matcher = {
    tree: { kind: "exact", input: input("a"), map: [["x", act("hit")]] },
    onNoMatch: act("none"),
  };
  assert.equal(match(keyed, open), undefined);
  assert.equal(match({ tree: null, onNoMatch: nest(keyed, true) }, open), undefined);
});

void test("the names of an object's own methods are keys like others", () => {
  const keyed: Matcher = {
    tree: { kind: "exact", input: input("a"), map: [["x", act("hit")]] },
    onNoMatch: null,
  };
  assert.equal(match(keyed, { a: "constructor" }), null);
  assert.equal(match(keyed, { a: "__proto__" }), null);
});
