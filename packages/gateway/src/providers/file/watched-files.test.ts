import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { watchedFolder } from "./testing/watched-folder.ts";

test("a folder is read with all below it, and followed", async (t) => {
  const { folder, seen, until, watch } = watchedFolder(t);
  mkdirSync(join(folder, "all/deep"), { recursive: true });
  for (const name of ["a.yaml", "b.json", "c.txt", ".d.yaml", "deep/e.yml"])
    writeFileSync(join(folder, "all", name), name);
  watch("all");
  assert.deepEqual(
    [...seen.keys()].toSorted(),
    ["all/a.yaml", "all/b.json", "all/deep/e.yml"],
    "what is there already is known at once",
  );
  writeFileSync(join(folder, "all/a.yaml"), "changed");
  await until({ "all/a.yaml": "changed" });
  writeFileSync(join(folder, "all/deep/f.yaml"), "new");
  await until({ "all/deep/f.yaml": "new" });
  rmSync(join(folder, "all/a.yaml"));
  await until({ "all/a.yaml": undefined });
  rmSync(join(folder, "all/deep"), { recursive: true });
  await until({ "all/deep/e.yml": undefined, "all/deep/f.yaml": undefined });
});

test("a file that another one is put in the place of is read again", async (t) => {
  const { folder, until, watch } = watchedFolder(t);
  writeFileSync(join(folder, "one.conf"), "1");
  writeFileSync(join(folder, "other.yaml"), "other");
  watch("one.conf");
  await until({ "one.conf": "1" });
  writeFileSync(join(folder, "one.conf~"), "2");
  renameSync(join(folder, "one.conf~"), join(folder, "one.conf"));
  await until({ "one.conf": "2" });
  rmSync(join(folder, "one.conf"));
  await until({ "one.conf": undefined });
  writeFileSync(join(folder, "one.conf"), "3");
  await until({ "one.conf": "3" });
});

test("a folder that is made again is followed again", async (t) => {
  const { folder, until, watch } = watchedFolder(t);
  mkdirSync(join(folder, "all"));
  writeFileSync(join(folder, "all/a.yaml"), "1");
  watch("all");
  rmSync(join(folder, "all"), { recursive: true });
  await until({ "all/a.yaml": undefined });
  mkdirSync(join(folder, "all"));
  writeFileSync(join(folder, "all/a.yaml"), "2");
  await until({ "all/a.yaml": "2" });
  writeFileSync(join(folder, "all/b.yaml"), "3");
  await until({ "all/b.yaml": "3" });
});

test("a path that is not there is an error at once", (t) => {
  const { watch } = watchedFolder(t);
  assert.throws(() => watch("nothing"), /nothing: expected a file or a folder, found nothing/);
});

test("a folder that comes with files in it, or is renamed, is read", async (t) => {
  const { folder, until, watch } = watchedFolder(t);
  mkdirSync(join(folder, "all"));
  mkdirSync(join(folder, "new/deep"), { recursive: true });
  writeFileSync(join(folder, "new/a.yaml"), "a");
  writeFileSync(join(folder, "new/deep/b.yaml"), "b");
  watch("all");
  renameSync(join(folder, "new"), join(folder, "all/one"));
  await until({ "all/one/a.yaml": "a", "all/one/deep/b.yaml": "b" });
  renameSync(join(folder, "all/one"), join(folder, "all/two"));
  await until({
    "all/one/a.yaml": undefined,
    "all/one/deep/b.yaml": undefined,
    "all/two/a.yaml": "a",
    "all/two/deep/b.yaml": "b",
  });
  writeFileSync(join(folder, "all/two/deep/b.yaml"), "c");
  await until({ "all/two/deep/b.yaml": "c" });
});

test("a folder in the place of another one is followed", async (t) => {
  const { folder, until, watch } = watchedFolder(t);
  mkdirSync(join(folder, "all/one"), { recursive: true });
  mkdirSync(join(folder, "other"));
  writeFileSync(join(folder, "all/one/a.yaml"), "a");
  writeFileSync(join(folder, "other/b.yaml"), "b");
  watch("all");
  renameSync(join(folder, "all/one"), join(folder, "old"));
  renameSync(join(folder, "other"), join(folder, "all/one"));
  await until({ "all/one/a.yaml": undefined, "all/one/b.yaml": "b" });
  writeFileSync(join(folder, "all/one/b.yaml"), "c");
  await until({ "all/one/b.yaml": "c" });
});

test("a folder may become a file, and a file a folder", async (t) => {
  const { folder, until, watch } = watchedFolder(t);
  mkdirSync(join(folder, "all/a.yaml"), { recursive: true });
  writeFileSync(join(folder, "all/a.yaml/b.yaml"), "b");
  watch("all");
  rmSync(join(folder, "all/a.yaml"), { recursive: true });
  writeFileSync(join(folder, "all/a.yaml"), "a");
  await until({ "all/a.yaml/b.yaml": undefined, "all/a.yaml": "a" });
  rmSync(join(folder, "all/a.yaml"));
  mkdirSync(join(folder, "all/a.yaml"));
  writeFileSync(join(folder, "all/a.yaml/c.yaml"), "c");
  await until({ "all/a.yaml": undefined, "all/a.yaml/c.yaml": "c" });
});

test("files that are others' are not looked at", async (t) => {
  const { folder, seen, until, watch } = watchedFolder(t);
  mkdirSync(join(folder, "all/.git"), { recursive: true });
  writeFileSync(join(folder, "beside.yaml"), "1");
  watch("all");
  writeFileSync(join(folder, "beside.yaml"), "2");
  writeFileSync(join(folder, "all/.git/a.yaml"), "a");
  writeFileSync(join(folder, "all/.hidden.yaml"), "b");
  writeFileSync(join(folder, "all/a.yaml.new"), "c");
  renameSync(join(folder, "all/a.yaml.new"), join(folder, "all/a.yaml"));
  await until({ "all/a.yaml": "c" });
  assert.deepEqual([...seen.keys()], ["all/a.yaml"]);
});
