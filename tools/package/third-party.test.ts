import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { thirdPartyNotices } from "./third-party.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "nuncio-notices-"));
after(() => rmSync(folder, { recursive: true }));

/** Makes a package, and returns a file of its code. */
function packageOf(name: string, license: string, files: Readonly<Record<string, string>>): string {
  const root = path.join(folder, "node_modules", name);
  mkdirSync(path.join(root, "src"), { recursive: true });
  const manifest = JSON.stringify({ name, version: "1.2.3", license });
  for (const [file, text] of Object.entries({ ...files, "package.json": manifest }))
    writeFileSync(path.join(root, file), text);
  return path.join(root, "src/index.js");
}

void test("a package is told once, with its licence's text; files of ours are not told", () => {
  const notices = thirdPartyNotices([
    packageOf("plain", "MIT", { "LICENSE.md": "Text of MIT\n", "readme.md": "not this" }),
    packageOf("@scope/part", "Apache-2.0", {}),
    path.join(folder, "node_modules/@scope/part/src/other.js"),
    path.join(folder, "packages/ours/index.ts"),
  ]);
  assert.equal(
    notices,
    "## @scope/part 1.2.3 (Apache-2.0)\n\n\n## plain 1.2.3 (MIT)\n\nText of MIT\n\n",
  );
});

void test("a package without the text that must go with it ends it", () => {
  const file = packageOf("bare", "MIT", {});
  assert.throws(() => thirdPartyNotices([file]), /bare: no text of its licence, MIT/);
});
