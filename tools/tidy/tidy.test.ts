import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { docstringFindings } from "./docstrings.ts";
import { repositoryFindings } from "./repository-rules.ts";
import { readRepository } from "./repository.ts";
import type { Finding } from "./repository.ts";
import { SUPPRESSIONS, suppressionFindings } from "./suppressions.ts";
import { textFindings } from "./text-rules.ts";
import { workerImportFindings } from "./worker-imports.ts";

const files = readRepository(fileURLToPath(new URL("../..", import.meta.url)));

void test("names and lines", () => assertNone(textFindings(files)));
void test("suppressions of the linter", () => assertNone(suppressionFindings(files, SUPPRESSIONS)));
void test("docstrings of exports", () => assertNone(docstringFindings(files)));
void test("what a worker loads", () => assertNone(workerImportFindings(files)));
void test("files that belong together", () => assertNone(repositoryFindings(files)));

function assertNone(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const lines = findings.map(
    ({ rule, path, line, message }) => `${path}:${line} ${rule}: ${message}`,
  );
  assert.fail(`${findings.length} findings\n${lines.join("\n")}`);
}
