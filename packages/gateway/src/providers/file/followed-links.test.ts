import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stepsTo } from "./steps-to.ts";
import { watchedFolder } from "./testing/watched-folder.ts";

test("a file that is a link is read again when what it leads to changes", async (t) => {
  const { folder, until, watch } = watchedFolder(t);
  mkdirSync(join(folder, "all"));
  mkdirSync(join(folder, "other"));
  writeFileSync(join(folder, "other/one.txt"), "1");
  symlinkSync("../other/one.txt", join(folder, "all/a.yaml"));
  watch("all");
  await until({ "all/a.yaml": "1" });
  writeFileSync(join(folder, "other/one.txt"), "2");
  await until({ "all/a.yaml": "2" });
  writeFileSync(join(folder, "other/one.new"), "3");
  renameSync(join(folder, "other/one.new"), join(folder, "other/one.txt"));
  await until({ "all/a.yaml": "3" });
  rmSync(join(folder, "other/one.txt"));
  await until({ "all/a.yaml": undefined });
  writeFileSync(join(folder, "other/one.txt"), "4");
  await until({ "all/a.yaml": "4" });
  rmSync(join(folder, "other"), { recursive: true });
  await until({ "all/a.yaml": undefined });
  mkdirSync(join(folder, "other"));
  writeFileSync(join(folder, "other/one.txt"), "5");
  await until({ "all/a.yaml": "5" });
  rmSync(join(folder, "all/a.yaml"));
  await until({ "all/a.yaml": undefined });
});

test("files of a ConfigMap are exchanged by a link that they lead through", async (t) => {
  const { folder, seen, until, watch } = watchedFolder(t);
  const all = join(folder, "all");
  const put = (version: string): void => {
    mkdirSync(join(all, version), { recursive: true });
    for (const name of ["a.yaml", "b.yaml"]) writeFileSync(join(all, version, name), version);
    symlinkSync(version, join(all, "..data_tmp"));
    renameSync(join(all, "..data_tmp"), join(all, "..data"));
  };
  put("..1");
  for (const name of ["a.yaml", "b.yaml"]) symlinkSync(`..data/${name}`, join(all, name));
  watch("all");
  await until({ "all/a.yaml": "..1", "all/b.yaml": "..1" });
  for (const [before, version] of [
    ["..1", "..2"],
    ["..2", "..3"],
  ] as const) {
    put(version);
    rmSync(join(all, before), { recursive: true });
    await until({ "all/a.yaml": version, "all/b.yaml": version });
  }
  assert.deepEqual([...seen.keys()].toSorted(), ["all/a.yaml", "all/b.yaml"]);
});

test("links to folders are not followed, but for a path that was given", async (t) => {
  const { folder, seen, until, watch } = watchedFolder(t);
  for (const name of ["one", "two"]) {
    mkdirSync(join(folder, name, "deep"), { recursive: true });
    writeFileSync(join(folder, name, "deep/a.yaml"), name);
    symlinkSync("..", join(folder, name, "round"));
    symlinkSync("..", join(folder, name, "round.yaml"));
  }
  symlinkSync("one", join(folder, "all"));
  watch("all");
  assert.deepEqual([...seen], [["all/deep/a.yaml", "one"]]);
  symlinkSync("two", join(folder, "next"));
  renameSync(join(folder, "next"), join(folder, "all"));
  await until({ "all/deep/a.yaml": "two" });
  writeFileSync(join(folder, "two/deep/a.yaml"), "three");
  await until({ "all/deep/a.yaml": "three" });
});

test("the folders that a path was given in may be exchanged", async (t) => {
  const { folder, until, watch } = watchedFolder(t);
  for (const name of ["one", "two"]) {
    mkdirSync(join(folder, name, "all"), { recursive: true });
    writeFileSync(join(folder, name, "all/a.yaml"), name);
  }
  symlinkSync("one", join(folder, "current"));
  watch("current/all");
  await until({ "current/all/a.yaml": "one" });
  rmSync(join(folder, "current"));
  await until({ "current/all/a.yaml": undefined });
  symlinkSync("two", join(folder, "current"));
  await until({ "current/all/a.yaml": "two" });
});

test("links that lead round in circles end", (t) => {
  const { folder } = watchedFolder(t);
  symlinkSync("b", join(folder, "a"));
  symlinkSync("a", join(folder, "b"));
  const steps = new Set(stepsTo(join(folder, "a")));
  assert.deepEqual([...steps].slice(-2), [join(folder, "a"), join(folder, "b")]);
});
