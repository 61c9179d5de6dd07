import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseAllDocuments, stringify } from "yaml";
import { formatResourceProblem } from "../problem.ts";
import { Mutations } from "./mutations.test-support.ts";
import { readResources } from "./read-resources.ts";

const egctl = fileURLToPath(new URL("../../../../../.interop/bin/egctl", import.meta.url));
const skip = existsSync(egctl) ? false : ".interop/bin/egctl is not there";
const original = readFileSync(new URL("../testdata/every-field.yaml", import.meta.url), "utf8");
const originals = parseAllDocuments(original).map((document) => document.toJS());
const count = 120;

/** What Envoy Gateway's command says of each object that it refuses, by the comment in front of it. */
function refusals(text: string): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-"));
  try {
    const file = join(folder, "objects.yaml");
    writeFileSync(file, text);
    const output = execFileSync(egctl, ["x", "validate", "-f", file], { encoding: "utf8" });
    const parts = output.split(/^# (object-[0-9]+)$/m).slice(1);
    return new Map(
      parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1] ?? ""]] : [])),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("what is nearly right is refused where egctl refuses it, and only there", { skip }, () => {
  const mutations = new Mutations(originals, 20_261_122);
  const names = Array.from({ length: count }, (_, index) => `object-${index}`);
  const options = { aliasDuplicateObjects: false, lineWidth: 0, version: "1.1" } as const;
  const text = names
    .map((name) => `# ${name}\n${stringify(mutations.next(name), options)}`)
    .join("---\n");
  const expected = refusals(text);
  const { problems, refused } = readResources({ name: "objects.yaml", content: text });
  const ours = new Set(refused.map(({ name }) => name));
  const errors = problems.map(formatResourceProblem);
  for (const name of names) {
    const own = errors.filter((error) => error.includes(`/${name}:`)).join("\n");
    assert.equal(ours.has(name), expected.has(name), expected.get(name) ?? own);
  }
  assert.ok(expected.size > count / 4 && expected.size < count, String(expected.size));
});
