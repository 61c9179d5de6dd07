import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { RuntimeLoader } from "../runtime/loader.ts";
import { RuntimeFolders } from "./runtime-folders.ts";

/** A loader over a link `current` in a folder of its own, and the next value of `x` after a change. */
function follow(t: TestContext): {
  readonly folder: string;
  readonly loader: RuntimeLoader;
  changed(): Promise<number>;
} {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-runtime-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  version(folder, "v1", "1");
  symlinkSync(join(folder, "v1"), join(folder, "current"));
  const symlinkRoot = join(folder, "current");
  const loader = new RuntimeLoader({
    layers: [{ kind: "disk", name: "disk", symlinkRoot, folder: `${symlinkRoot}/` }],
  });
  let resolve!: (value: number) => void;
  loader.observe({ onChange: () => resolve(loader.runtime.integer("x", 0)), warn() {} });
  const folders = new RuntimeFolders(loader);
  t.after(() => folders.close());
  folders.watch();
  return { folder, loader, changed: () => new Promise((done) => (resolve = done)) };
}

function version(folder: string, name: string, x: string): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, "x"), x);
}

void test("a link that is replaced is followed; what is written in place, and a link that is gone, are not", async (t) => {
  const { folder, loader, changed } = follow(t);
  assert.equal(loader.runtime.integer("x", 0), 1);
  version(folder, "v2", "2");
  writeFileSync(join(folder, "v1", "x"), "7");
  const second = changed();
  symlinkSync(join(folder, "v2"), join(folder, "next"));
  renameSync(join(folder, "next"), join(folder, "current"));
  assert.equal(await second, 2);
  const third = changed();
  rmSync(join(folder, "current"));
  version(folder, "v3", "3");
  symlinkSync(join(folder, "v3"), join(folder, "current"));
  assert.equal(await third, 3);
});

void test("a folder that takes the root's place is followed", async (t) => {
  const { folder, changed } = follow(t);
  version(folder, "v2", "2");
  const second = changed();
  rmSync(join(folder, "current"));
  renameSync(join(folder, "v2"), join(folder, "current"));
  assert.equal(await second, 2);
});
