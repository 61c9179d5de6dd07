import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { readDiskLayer } from "./disk-layer.ts";

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "nuncio-runtime-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

void test("files are values, folders are dots", (t) => {
  const root = folder(t, { "a/b": "5\n", "a/c/d": "yes", e: "text" });
  assert.deepEqual(
    [...readDiskLayer(root)!],
    [
      ["a.b", { raw: "5", uint: 5, double: 5, bool: true }],
      ["a.c.d", { raw: "yes", bool: true }],
      ["e", { raw: "text" }],
    ],
  );
});

void test("lines that begin with # are comments, and a share may be YAML", (t) => {
  const share = "# why\nnumerator: 3\ndenominator: MILLION\n";
  const root = folder(t, { share, none: "# nothing\n" });
  const values = readDiskLayer(root)!;
  assert.deepEqual(values.get("share"), {
    raw: "numerator: 3\ndenominator: MILLION",
    fraction: { numerator: 3, denominator: 1_000_000 },
  });
  assert.deepEqual(values.get("none"), { raw: "" });
});

void test("links are followed", (t) => {
  const other = folder(t, { b: "1" });
  const root = folder(t, { c: "2" });
  symlinkSync(other, join(root, "a"));
  symlinkSync(join(root, "c"), join(root, "d"));
  assert.deepEqual([...readDiskLayer(root)!.keys()], ["a.b", "c", "d"]);
});

void test("sixteen folders deep, and no deeper", (t) => {
  const deepest = Array.from({ length: 15 }, () => "d").join("/");
  assert.equal(readDiskLayer(folder(t, { [`${deepest}/v`]: "1" }))!.size, 1);
  const root = folder(t, { [`${deepest}/d/v`]: "1" });
  assert.throws(() => readDiskLayer(root), { message: "Walk recursion depth exceeded 16" });
});

void test("what cannot be read is told", (t) => {
  const root = folder(t, { a: "1" });
  symlinkSync(join(root, "nowhere"), join(root, "b"));
  assert.throws(() => readDiskLayer(root), {
    message: `unable to read file: ${join(root, "b")}: ENOENT`,
  });
  assert.throws(() => readDiskLayer("/proc"), { message: "Invalid path: /proc" });
  assert.throws(() => readDiskLayer(folder(t, { a: "{" })), /without its/);
});

void test("a folder that is not there, or is none, is no layer", (t) => {
  const root = folder(t, { a: "1" });
  assert.equal(readDiskLayer(join(root, "b")), null);
  assert.equal(readDiskLayer(join(root, "a")), null);
});
