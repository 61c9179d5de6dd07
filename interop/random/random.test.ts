import assert from "node:assert/strict";
import { test } from "node:test";
import { Explanations } from "../diff/explanations.ts";
import { parseCases } from "../diff/load-cases.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { randomCases } from "./generate/random-case.ts";
import { renderRandomReport } from "./report.ts";
import { runRandom, type RandomOptions } from "./run-random.ts";
import { refusalsOf } from "./verdict-batch.ts";

const needsEnvoy = findCounterpart("envoy") === null ? { skip: "envoy is not installed" } : {};
const OPTIONS: RandomOptions = {
  left: "envoy",
  right: "nuncio",
  explanations: new Explanations([]),
  seed: 1,
  seconds: 0,
  shrinkSeconds: 0,
  batches: 1,
  configsPerBatch: 4,
  requestsPerConfig: 3,
};

test("the same seed gives the same cases, another one others", () => {
  assert.deepEqual(randomCases(7, 5, 3), randomCases(7, 5, 3));
  assert.notDeepEqual(randomCases(7, 5, 3), randomCases(8, 5, 3));
});

test("both protocols are spoken on both sides, in every way", () => {
  const cases = randomCases(7, 60, 6);
  for (const spoken of [undefined, "h2c"])
    for (const upstream of [undefined, "h2c"])
      assert.ok(
        cases.some((own) => own.client === spoken && own.upstream_protocol === upstream),
        `${spoken} to ${upstream}`,
      );
  const steps = cases.flatMap((own) => own.steps);
  for (const verb of ["trailers", "data", "rst", "together"] as const)
    assert.ok(
      steps.some((step) => step[verb] !== undefined),
      verb,
    );
});

test("each proxy's verdict on each configuration is told apart", needsEnvoy, async () => {
  const cases = parseCases(
    `
cases:
  - { name: good, request: GET / }
  - { name: one star too many, request: GET /, hcm: { route_config: { name: r, virtual_hosts: [{ name: a, domains: ["*", "*"] }] } } }
  - { name: no domains, request: GET /, hcm: { route_config: { name: r, virtual_hosts: [{ name: a }] } } }
  - { name: good as well, request: GET / }
  - { name: an unknown field, request: GET /, hcm: { no_such_field: 1 } }
  - { name: no message, request: GET /, hcm: { scoped_routes: { name: s } } }
`,
    "verdict",
  );
  const refusals = await refusalsOf(cases);
  assert.deepEqual(
    refusals.map(({ envoy, nuncio }) => [envoy !== null, nuncio !== null]),
    [
      [false, false],
      [true, true],
      [true, true],
      [false, false],
      [true, true],
      [true, true],
    ],
  );
  assert.match(refusals[1]!.envoy!, /Only a single wildcard domain is permitted/);
  assert.match(refusals[2]!.nuncio!, /virtual_hosts\[0\]\.domains/);
});

test("envoy does not differ from itself", needsEnvoy, async () => {
  const result = await runRandom({ ...OPTIONS, right: "envoy", configsPerBatch: 20 });
  assert.equal(result.differing, 0);
  assert.ok(result.requests > 0);
});

test("a proxy that is wrong everywhere is found out", needsEnvoy, async () => {
  const result = await runRandom({ ...OPTIONS, right: "toy" });
  assert.equal(result.differing, 4 - result.refused);
  assert.ok(result.found.every(({ confirmed }) => confirmed));
  const report = renderRandomReport(result);
  assert.match(report, /^ {2}client1\.fate$/m);
  // What is printed can be put into a file of cases.
  const [yaml] = /^- name: a name$[^]*?(?=^\S*$)/m.exec(report)!;
  const [printed] = parseCases(`cases:\n${yaml.replaceAll(/^/gm, "  ")}`, "printed");
  assert.deepEqual({ ...printed, name: "" }, { ...result.found[0]!.diffCase, name: "" });
});
