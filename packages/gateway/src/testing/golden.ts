import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { parseAllDocuments, stringify } from "yaml";

const INPUT = ".in.yaml";
const OUTPUT = ".out.yaml";

/**
 * A test for each `<case>.in.yaml` of a folder: what is made of its documents is what `<case>.out.yaml` says. With
 * `UPDATE_GOLDEN=1` in the environment that file is written instead. A file that belongs to no case fails.
 */
export function goldenCases(
  folder: URL,
  translate: (documents: readonly unknown[]) => unknown,
): void {
  const files = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  const cases = files
    .filter((file) => file.endsWith(INPUT))
    .map((file) => file.slice(0, -INPUT.length));
  for (const name of cases) {
    test(`golden: ${name}`, () => {
      const output = new URL(name + OUTPUT, folder);
      const got = plain(translate(readDocuments(new URL(name + INPUT, folder))));
      if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(output, written(got));
      assert.ok(existsSync(output), `${name}${OUTPUT} is not there: run with UPDATE_GOLDEN=1`);
      assert.deepEqual(got, readDocuments(output)[0]);
    });
  }
  test("golden: each file belongs to a case", () => {
    assert.ok(cases.length > 0, `no ${INPUT} in ${folder.pathname}`);
    const known = new Set(cases.flatMap((name) => [name + INPUT, name + OUTPUT]));
    assert.deepEqual(
      files.filter((file) => !known.has(file)),
      [],
    );
  });
}

/** All documents of a file of YAML. */
function readDocuments(file: URL): unknown[] {
  const documents = parseAllDocuments(readFileSync(file, "utf8"));
  return documents.map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${file.pathname}: ${error.message}`);
    return document.toJS() as unknown;
  });
}

/** As JSON has it: no members that are undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

function written(value: unknown): string {
  return stringify(value, { lineWidth: 120, aliasDuplicateObjects: false });
}
