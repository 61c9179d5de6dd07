// A rule that was never seen failing is no rule: every rule has one planted violation, and its tool must report it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import importRules from "../.dependency-cruiser.mjs";
import { CHECK_STEPS } from "./check-steps.ts";
import { outputOnPlanted } from "./planted.ts";
import { docstringFindings } from "./tidy/docstrings.ts";
import { repositoryFindings } from "./tidy/repository-rules.ts";
import { readRepository } from "./tidy/repository.ts";
import { suppressionFindings } from "./tidy/suppressions.ts";
import { textFindings } from "./tidy/text-rules.ts";
import { workerImportFindings } from "./tidy/worker-imports.ts";

const url = (name: string): URL => new URL(name, import.meta.url);

void test("oxfmt reports a badly formatted file", async () => {
  assert.match(await outputOnPlanted(CHECK_STEPS.format, "format"), /^badly\.ts/m);
});

void test("tsc reports a violation of every option", async () => {
  const output = await outputOnPlanted(CHECK_STEPS.types, "types");
  const seen = [...output.matchAll(/^tools\/([\w-]+)\.ts\(\d+,\d+\): error (TS\d+)/gm)].map(
    ([, file, code]) => `${file} ${code}`,
  );
  assert.deepEqual(seen.toSorted(), TYPE_ERRORS);
});

/** File of the fixture, named after the option, and the code of the one error it must give. */
const TYPE_ERRORS = [
  "erasable-syntax-only TS1294",
  "exact-optional-property-types TS2375",
  "no-fallthrough-cases-in-switch TS7029",
  "no-implicit-override TS4114",
  "no-implicit-returns TS7030",
  "no-property-access-from-index-signature TS4111",
  "no-unchecked-indexed-access TS2322",
  "no-unused-locals TS6133",
  "no-unused-parameters TS6133",
  "strict TS18048",
  "verbatim-module-syntax TS1484",
];

void test("oxlint reports a violation of every rule", async () => {
  const output = await outputOnPlanted(CHECK_STEPS.lint, "lint");
  for (const [path, rule] of lintExpectations()) {
    const found = output
      .split("\n")
      .some((line) => line.startsWith(`${path}:`) && line.endsWith(`(${rule})]`));
    assert.ok(found, `expected ${rule} in ${path}, got\n${output}`);
  }
  assert.match(output, /unused-directive\.ts:1:.*[Uu]nused/, "a suppression of nothing");
});

/** Every rule that .oxlintrc.json turns on has a file of its name; the rules of one room are tried in a second one. */
function lintExpectations(): [path: string, rule: string][] {
  const codec = "packages/codec/src";
  const config = JSON.parse(readFileSync(url("../.oxlintrc.json"), "utf8")) as LintConfig;
  const rules = [config, ...config.overrides].flatMap((part) => Object.entries(part.rules));
  const names = new Set(
    rules.filter(([, level]) => level !== "off").map(([name]) => name.split("/")[1]!),
  );
  const expectations = [...names].map((name): [string, string] =>
    name === "filename-case" ? [`${codec}/filenameCase.ts`, name] : [`${codec}/${name}.ts`, name],
  );
  for (const name of ["complexity", "no-restricted-properties"]) {
    expectations.push([`packages/proxy/src/http/${name}.ts`, name]);
  }
  return expectations;
}

interface LintConfig {
  readonly rules: { readonly [name: string]: unknown };
  readonly overrides: readonly { readonly rules: { readonly [name: string]: unknown } }[];
}

void test("dependency-cruiser reports a violation of every rule on imports", async () => {
  const output = await outputOnPlanted(CHECK_STEPS.imports, "imports");
  for (const { name } of importRules.forbidden) assertImport(output, name!);
});

/** The file with the violation is named after the rule. */
function assertImport(output: string, rule: string): void {
  assert.match(
    output,
    new RegExp(`error ${rule}: packages/\\S*/${rule}(-two)?\\.ts`),
    `expected ${rule}`,
  );
}

void test("knip reports what nothing uses and what nothing declares", async () => {
  const output = await outputOnPlanted(CHECK_STEPS["dead-code"], "dead-code");
  assert.match(output, /Unused files[^]*packages\/one\/src\/unused-file\.ts/);
  assert.match(output, /Unused exports[^]*unusedExport\s.*some-exports\.ts/);
  assert.match(output, /Unused dependencies[^]*re2js\s.*packages\/one\/package\.json/);
  assert.match(output, /Unlisted dependencies[^]*yaml\s.*packages\/one\/src\/index\.ts/);
});

void test("tidy reports a violation of every rule", () => {
  const files = readRepository(fileURLToPath(url("fixtures/tidy")));
  const findings = [
    ...textFindings(files),
    ...docstringFindings(files),
    ...repositoryFindings(files),
    ...workerImportFindings(files),
    ...suppressionFindings(files, {
      "packages/one/src/suppressed.ts no-console": 1,
      "packages/one/src/gone.ts complexity": 1,
    }),
  ];
  const seen = findings.map(({ rule, path, line }) => `${rule} ${path}:${line}`);
  assert.deepEqual(seen.toSorted(), TIDY_FINDINGS);
});

const TIDY_FINDINGS = [
  "docstring packages/one/src/lines.ts:3",
  "filter-folder packages/proxy/src/http/filters/half:0",
  "filter-folder packages/proxy/src/http/filters/half:0",
  "licence LICENSE:0",
  "licence LICENSE:0",
  "licence NOTICE:0",
  "line-end packages/one/src/lines.ts:4",
  "link docs/links.md:0",
  "link docs/links.md:0",
  "machine-path packages/one/src/lines.ts:4",
  "manifest CHANGELOG.md:0",
  "manifest packages/one/package.json:0",
  "manifest packages/one/package.json:0",
  "manifest packages/one/package.json:0",
  "only packages/one/src/only.test.ts:1",
  "registry-host package-lock.json:1",
  "script docs/links.md:0",
  "skip packages/one/src/only.test.ts:2",
  "stub packages/one/src/lines.ts:1",
  "suppression packages/one/src/gone.ts:0",
  "suppression packages/one/src/suppressed.ts:3",
  "suppression packages/one/src/suppressed.ts:3",
  "type-check-off packages/one/src/lines.ts:2",
  "vague-name packages/one/src/utils.ts:0",
  "worker-imports packages/proxy/src/worker/loads-protobuf.ts:0",
];

void test("every fixture belongs to a step of the check", () => {
  assert.deepEqual(readdirSync(url("fixtures")).toSorted(), Object.keys(CHECK_STEPS).toSorted());
});
