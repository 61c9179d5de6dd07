import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { WatchedFiles } from "./watched-files.ts";

interface Fixture {
  readonly folder: string;
  /** What is known of files by now; undefined for those that are gone. */
  readonly seen: Map<string, string | undefined>;
  /** Resolves when the files are as expected. */
  until(expected: Readonly<Record<string, string | undefined>>): Promise<void>;
  watch(...paths: string[]): WatchedFiles;
}

function fixture(t: TestContext): Fixture {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-files-"));
  const seen = new Map<string, string | undefined>();
  const waiting = new Set<() => void>();
  const watchers: WatchedFiles[] = [];
  t.after(() => {
    for (const watcher of watchers) watcher.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    seen,
    watch(...paths) {
      const files = new WatchedFiles({
        paths: paths.map((path) => join(folder, path)),
        onChange(changes) {
          for (const [path, content] of changes)
            seen.set(
              path.slice(folder.length + 1),
              content === undefined ? undefined : Buffer.from(content).toString(),
            );
          for (const check of waiting) check();
        },
        onError: (path, message) => assert.fail(`${path}: ${message}`),
        debounceMs: 1,
      });
      watchers.push(files);
      return files;
    },
    until: (expected) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (
            !Object.entries(expected).every(
              ([name, text]) => seen.has(name) && seen.get(name) === text,
            )
          )
            return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
  };
}

test("a folder is read with all below it, and followed", async (t) => {
  const { folder, seen, until, watch } = fixture(t);
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
  const { folder, until, watch } = fixture(t);
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
  const { folder, until, watch } = fixture(t);
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
  const { watch } = fixture(t);
  assert.throws(() => watch("nothing"), /nothing: expected a file or a folder, found nothing/);
});
