import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { FileWatcher } from "./file-watcher.ts";

/** A folder with a watcher of `paths` below it; `changed` resolves with the next news. */
function watched(
  t: TestContext,
  fill: (folder: string) => void,
  paths: readonly string[],
): { folder: string; changed: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), "watcher-"));
  let wake = (): void => {};
  const watcher = new FileWatcher(() => wake());
  // The watchers alone do not keep a process.
  const stay = setInterval(() => {}, 1000);
  t.after(() => {
    clearInterval(stay);
    watcher.close();
    rmSync(folder, { recursive: true });
  });
  fill(folder);
  watcher.watch(paths.map((path) => join(folder, path)));
  return { folder, changed: () => new Promise((resolve) => (wake = resolve)) };
}

void test("a file that is written in place", async (t) => {
  const { folder, changed } = watched(t, (at) => writeFileSync(join(at, "a"), "1"), ["a"]);
  const news = changed();
  writeFileSync(join(folder, "a"), "2");
  await news;
});

void test("a file that another one is renamed to, and once more", async (t) => {
  const { folder, changed } = watched(t, (at) => writeFileSync(join(at, "a"), "1"), ["a"]);
  for (const content of ["2", "3"]) {
    const news = changed();
    writeFileSync(join(folder, "new"), content);
    renameSync(join(folder, "new"), join(folder, "a"));
    await news;
  }
});

void test("what is written beside a file is no news", async (t) => {
  let news = 0;
  const { folder, changed } = watched(t, (at) => writeFileSync(join(at, "a"), "1"), ["a"]);
  void changed().then(() => news++);
  const witness = new FileWatcher(() => wake());
  let wake = (): void => {};
  t.after(() => witness.close());
  witness.watch([join(folder, "b")]);
  for (const content of ["1", "2"]) {
    const seen = new Promise<void>((resolve) => (wake = resolve));
    writeFileSync(join(folder, "b"), content);
    await seen;
  }
  assert.equal(news, 0);
});

void test("the links of a volume of Kubernetes", async (t) => {
  const { folder, changed } = watched(
    t,
    (at) => {
      mkdirSync(join(at, "..1"));
      writeFileSync(join(at, "..1", "a"), "1");
      symlinkSync("..1", join(at, "..data"));
      symlinkSync(join("..data", "a"), join(at, "a"));
    },
    ["a"],
  );
  for (const version of ["..2", "..3"]) {
    const news = changed();
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, "a"), version);
    symlinkSync(version, join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
    await news;
  }
  // The file behind the newest link is followed as well.
  const news = changed();
  writeFileSync(join(folder, "..3", "a"), "in place");
  await news;
});

void test("a folder that comes later", async (t) => {
  const { folder, changed } = watched(t, () => {}, ["later/a"]);
  const made = changed();
  mkdirSync(join(folder, "later"));
  await made;
  const written = changed();
  writeFileSync(join(folder, "later", "a"), "1");
  await written;
});
