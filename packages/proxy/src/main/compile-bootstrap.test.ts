import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatProblem } from "@nuncio/api";
import fc from "fast-check";
import { StatsStore } from "../observe/stats/store.ts";
import { compileBootstrap } from "./compile-bootstrap.ts";
import type { ProxyOptions } from "./options.ts";

const OPTIONS = { concurrency: 2, statsTags: [] as unknown } as ProxyOptions;

const ROOT = join(import.meta.dirname, "../../../..");
const QUICKSTART = readFileSync(join(ROOT, "examples/quickstart.yaml"), "utf8");

/** The problems of a text as lines; must never throw. */
function problemsOf(text: string, name = "test.yaml"): string[] {
  const { problems } = compileBootstrap([{ name, content: text }], OPTIONS, new StatsStore());
  return problems
    .filter(({ severity }) => severity === "error")
    .map((problem) => formatProblem(problem));
}

void test("the quick start has no problem, and what it compiles to can be posted to a worker", () => {
  const compiled = compileBootstrap(
    [{ name: "q.yaml", content: QUICKSTART }],
    OPTIONS,
    new StatsStore(),
  );
  assert.deepEqual(compiled.problems, []);
  assert.deepEqual(structuredClone(compiled.listeners), compiled.listeners);
  assert.deepEqual(
    structuredClone(compiled.clusters.map(({ config }) => config)),
    compiled.clusters.map(({ config }) => config),
  );
});

void test("a problem has its place, its path and what was expected", () => {
  const broken = QUICKSTART.replace("stat_prefix:", "stat_prefx:");
  const line = broken.split("\n").findIndex((text) => text.includes("stat_prefx")) + 1;
  const found = problemsOf(broken).find((text) => text.includes("stat_prefx"));
  assert.ok(found !== undefined);
  assert.ok(found.startsWith(`test.yaml:${line}:`), found);
  assert.match(found, /static_resources\.listeners\[0\]\.filter_chains\[0\]\.filters\[0\]/);
  assert.match(found, /did you mean "stat_prefix"/);
});

void test("what is not implemented is refused by name; with --allow-unimplemented it is a warning", () => {
  const text = QUICKSTART.replace(
    /^static_resources:/m,
    "enable_worker_cpu_affinity: true\nstatic_resources:",
  );
  assert.match(
    problemsOf(text).join("\n"),
    /not implemented yet: envoy\.config\.bootstrap\.v3\.Bootstrap\.enable_worker_cpu_affinity/,
  );
  const options = { ...OPTIONS, allowUnimplemented: true };
  const { problems } = compileBootstrap(
    [{ name: "q.yaml", content: text }],
    options,
    new StatsStore(),
  );
  assert.deepEqual(
    problems.map(({ severity }) => severity),
    ["warning"],
  );
});

void test("unknown fields are warnings with --allow-unknown-static-fields", () => {
  const text = QUICKSTART.replace("stat_prefix: web", "stat_prefix: web\n                bogus: 1");
  assert.match(problemsOf(text).join("\n"), /unknown field "bogus"/);
  const options = { ...OPTIONS, allowUnknownStaticFields: true };
  const { problems } = compileBootstrap(
    [{ name: "q.yaml", content: text }],
    options,
    new StatsStore(),
  );
  assert.deepEqual(
    problems.map(({ severity }) => severity),
    ["warning"],
  );
});

void test("several problems are told at once", () => {
  const text = QUICKSTART.replace("stat_prefix:", "stat_prefx:").replace(
    /^  clusters:$/m,
    "  clusters:\n    - nam: x",
  );
  const problems = problemsOf(text);
  assert.ok(problems.some((problem) => problem.includes("stat_prefx")));
  assert.ok(problems.some((problem) => problem.includes('"nam"')));
});

void test("a file cut anywhere is an error or a smaller configuration, never a crash", () => {
  for (let end = 0; end < QUICKSTART.length; end += 97) problemsOf(QUICKSTART.slice(0, end));
});

const TOKENS = [
  "null",
  "-1",
  "1e99",
  "[]",
  "{}",
  '""',
  "y",
  "0x7f",
  "5s",
  "-5s",
  "*a",
  "'@type': x",
  "999999999999",
];

void test("mutated files never crash", () => {
  const lines = QUICKSTART.split("\n");
  const change = fc.record({
    line: fc.nat(lines.length - 1),
    how: fc.constantFrom("drop", "double", "value", "indent"),
    token: fc.constantFrom(...TOKENS),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const copy: (string | null)[] = [...lines];
      for (const { line, how, token } of changes) {
        const text = copy[line] ?? "";
        if (how === "drop") copy[line] = null;
        else if (how === "double") copy[line] = `${text}\n${text}`;
        else if (how === "indent") copy[line] = `  ${text}`;
        else copy[line] = text.replace(/:\s.*$/, `: ${token}`);
      }
      problemsOf(copy.filter((text) => text !== null).join("\n"));
    }),
    { numRuns: 300, seed: 20261120 },
  );
});

const EXAMPLES = join(ROOT, "../shared/cases/envoy-examples");

void test(
  "real configurations cut at every kilobyte never crash",
  { skip: !existsSync(EXAMPLES) && "no ../shared" },
  () => {
    const files = readdirSync(EXAMPLES, { recursive: true, encoding: "utf8" }).filter((file) =>
      /\.ya?ml$/.test(file),
    );
    assert.ok(files.length >= 30);
    for (const file of files) {
      const text = readFileSync(join(EXAMPLES, file), "utf8");
      for (let end = 1024; end < text.length; end += 1024) problemsOf(text.slice(0, end));
    }
  },
);
