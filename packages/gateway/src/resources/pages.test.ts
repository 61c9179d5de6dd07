import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { leavesOf } from "../testing/schema-leaves.ts";
import { formatResourceProblem } from "./problem.ts";
import { readResources } from "./read/read-resources.ts";
import { allSchemas } from "./schema/schemas.ts";

const folder = new URL("../../../../docs/resources/", import.meta.url);
const pages = readdirSync(folder).filter((name) => name !== "README.md");
const CORE_PAGE = "core-kinds.md";
/** What every object has. */
const OF_ALL = new Set(["apiVersion", "kind", "metadata", "status"]);

/** What the first column of the tables of fields names. */
function namedIn(text: string): string[] {
  return text.split(/\n\n+/).flatMap((block) => {
    const [head = "", , ...rows] = block.split("\n");
    if (!/^\| field +\|/.test(head)) return [];
    return rows.flatMap((row) =>
      Array.from(row.split("|")[1]!.matchAll(/`([^`]+)`/g), ([, path]) => path!),
    );
  });
}

/** The page of a kind, or its part of the page of several. */
function textOf(kind: string, isCore: boolean): string {
  if (!isCore) {
    const wanted = `${kind.toLowerCase()}.md`;
    const page = pages.find((name) => name.replaceAll("-", "") === wanted);
    assert.ok(page !== undefined, `${kind} has no page`);
    return readFileSync(new URL(page, folder), "utf8");
  }
  const page = readFileSync(new URL(CORE_PAGE, folder), "utf8");
  const part = page.split(/^## /m).find((text) => text.startsWith(`${kind}\n`));
  assert.ok(part !== undefined, `${CORE_PAGE} has no heading "## ${kind}"`);
  return part;
}

for (const { kind, version, schema } of allSchemas()) {
  if (version !== kind.versions[0]) continue;
  test(`the page of ${kind.kind} names every field, and no other one`, () => {
    const isCore = !kind.group.startsWith("gateway.");
    const fields = Object.entries(schema.properties ?? {}).filter(([name]) => !OF_ALL.has(name));
    const shape = isCore ? { properties: Object.fromEntries(fields) } : schema.properties!["spec"]!;
    const leaves = fields.length === 0 ? [] : [...leavesOf(shape, "")];
    const named = namedIn(textOf(kind.kind, isCore));
    const isThere = (path: string): boolean =>
      leaves.some(
        (leaf) => leaf === path || leaf.startsWith(`${path}.`) || leaf.startsWith(`${path}[]`),
      );
    assert.deepEqual(
      {
        missing: leaves.filter((leaf) => !named.includes(leaf)),
        unknown: named.filter((path) => !isThere(path)),
        twice: named.filter((path, i) => named.indexOf(path) < i),
      },
      { missing: [], unknown: [], twice: [] },
    );
  });
}

for (const page of pages) {
  test(`the examples of ${page} are read without a problem`, () => {
    const text = readFileSync(new URL(page, folder), "utf8");
    const examples = Array.from(text.matchAll(/^```yaml\n(.*?)^```/gms), ([, yaml]) => yaml!);
    assert.ok(examples.length > 0);
    for (const content of examples) {
      const { resources, problems } = readResources({ name: page, content });
      assert.deepEqual(problems.map(formatResourceProblem), []);
      assert.ok(resources.length > 0);
    }
  });
}
