import assert from "node:assert/strict";
import { test } from "node:test";
import { findCounterpart } from "../harness/counterparts.ts";
import { compare } from "./compare.ts";
import { Explanations } from "./explanations.ts";
import { parseCases } from "./load-cases.ts";
import { renderReport } from "./report.ts";
import { PASSES, runDiff } from "./run-diff.ts";

const CASES = `
cases:
  - name: a request
    request: GET /a
  - name: a body
    request: POST /b
    body: hello
  - name: a refused upstream
    upstream: refuse
    request: GET /
`;
const needsEnvoy = findCounterpart("envoy") === null ? { skip: "envoy is not installed" } : {};

test("a proxy that is wrong everywhere is reported everywhere", needsEnvoy, async () => {
  const cases = parseCases(CASES, "toy");
  const results = await runDiff(cases, {
    left: "envoy",
    right: "toy",
    explanations: new Explanations([]),
  });
  const first = results.find(({ name }) => name === "toy/a request")!;
  const at = new Set(first.unexplained.map((difference) => difference.at));
  for (const facet of [
    "client1.fate",
    "client1.response1.line",
    "client1.response1.header.server",
    "client1.response1.header.date",
    "client1.response1.header order",
    "client1.response1.body",
    "upstream.up.request1.line",
    "upstream.up.request1.header.x-forwarded-proto",
    "upstream.up.request1.header.x-toy",
    "log.1.code",
    "log.1.keys",
    "stat.cluster.up.upstream_rq_200",
    "stat.http.<case>.downstream_rq_2xx",
  ]) {
    assert.ok(at.has(facet), `${facet} was not reported`);
  }
  assert.equal(results.filter(({ unexplained }) => unexplained.length > 0).length, 5);
  assert.match(renderReport(results, [], { left: "envoy", right: "toy" }), /5 compared, 5 differ/);
});

test("envoy does not differ from itself", needsEnvoy, async () => {
  const cases = parseCases(CASES, "self");
  const results = await runDiff(cases, {
    left: "envoy",
    right: "envoy",
    explanations: new Explanations([]),
  });
  assert.deepEqual(
    results.flatMap(({ unexplained }) => unexplained),
    [],
  );
});

test("a configuration that one side refuses costs only its own case", needsEnvoy, async () => {
  const wrong = `${CASES}  - name: refused\n    hcm: { no_such_field: 1 }\n    request: GET /\n`;
  const results = await runDiff(parseCases(wrong, "self"), {
    left: "envoy",
    right: "envoy",
    explanations: new Explanations([]),
  });
  const differing = results.filter(({ unexplained }) => unexplained.length > 0);
  assert.deepEqual(
    differing.map(({ name }) => name),
    ["self/refused"],
  );
  assert.match(
    differing[0]!.unexplained[0]!.right ?? differing[0]!.unexplained[0]!.left ?? "",
    /no_such_field/,
  );
});

test("compare finds changed, missing and additional facets", () => {
  const left = new Map([
    ["a", "1"],
    ["b", "2"],
    ["c", "3"],
  ]);
  const right = new Map([
    ["a", "1"],
    ["b", "x"],
    ["d", "4"],
  ]);
  assert.deepEqual(compare(left, right), [
    { at: "b", left: "2", right: "x" },
    { at: "c", left: "3", right: null },
    { at: "d", left: null, right: "4" },
  ]);
});

test("an explanation covers what it names and nothing else", () => {
  const explanations = new Explanations([
    { reason: "stricter", case: "http/*", at: "client*.line", envoy: "200", nuncio: "400" },
    {
      reason: "its consequences",
      case: "http/y",
      at: "*",
      when: { at: "client1.line", nuncio: "400" },
    },
    { reason: "never needed", at: "log.*" },
  ]);
  const line = { at: "client1.line", left: "200", right: "400" };
  const body = { at: "client1.body", left: "ok", right: "no" };
  assert.equal(explanations.find("tcp/x", line, [line]), null);
  assert.equal(explanations.find("http/x", { ...line, right: "500" }, [line]), null);
  assert.equal(explanations.find("http/x", body, [line, body]), null);
  assert.equal(explanations.find("http/x", line, [line])?.reason, "stricter");
  assert.equal(explanations.find("http/y", body, [body]), null);
  assert.equal(explanations.find("http/y", body, [line, body])?.reason, "its consequences");
  assert.deepEqual(
    explanations.unused().map(({ reason }) => reason),
    ["never needed"],
  );
});

test("the cases of explanations without a use are known", () => {
  const explanations = new Explanations([
    { reason: "of two", case: ["tcp/x", "http/*"], at: "*" },
    { reason: "of one", case: "udp/x", at: "*" },
    { reason: "of no case in particular", at: "log.*" },
  ]);
  const cases = ["tcp/x", "tcp/y", "udp/x", "http/x"].map((name) => ({ name }));
  const names = (): string[] => explanations.casesOfUnused(cases).map(({ name }) => name);
  assert.deepEqual(names(), ["tcp/x", "udp/x", "http/x"]);
  const difference = { at: "client1.body", left: "ok", right: "no" };
  explanations.find("tcp/x", difference, [difference]);
  assert.deepEqual(names(), ["udp/x"]);
});

test("a case whose meant difference does not show is asked in each pass", needsEnvoy, async () => {
  const explanations = new Explanations([
    { reason: "gone", case: "self/a body", at: "client1.no_such_facet" },
  ]);
  let asked = 0;
  await runDiff(parseCases(CASES, "self"), {
    left: "envoy",
    right: "envoy",
    explanations,
    onProgress: (done) => (asked = done),
  });
  assert.equal(asked, 3 + (PASSES.length - 1));
  assert.equal(explanations.unused().length, 1);
});

test("case files with mistakes are refused", () => {
  assert.throws(
    () => parseCases("cases: [{ name: a, request: GET /, hmc: {} }]", "x"),
    /unknown key hmc/,
  );
  assert.throws(
    () => parseCases("cases: [{ name: a, steps: [{ host: b }] }]", "x"),
    /expected one verb/,
  );
  assert.throws(
    () => parseCases("cases: [{ name: a, steps: [{ request: GET /, hots: b }] }]", "x"),
    /unknown key hots/,
  );
});
