import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { watchedFile } from "./watched-file.ts";
import type { WatchedFile } from "./watched-file.ts";

/** Resolves when the content is so; the test's own time limit is the only one. */
async function until(file: WatchedFile, content: string): Promise<void> {
  while (file.content !== content) {
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 1);
    await promise;
  }
}

void test("a watched file is read again when it is written, and with its directory when it is replaced", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "watched-file-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a");
  writeFileSync(path, "one");
  const plain = watchedFile(path, "");
  const replaced = watchedFile(path, folder);
  assert.equal(plain.content, "one");
  assert.equal(watchedFile(path, ""), plain);
  writeFileSync(path, "two");
  await until(plain, "two");
  await until(replaced, "two");
  writeFileSync(join(folder, "b"), "\xe9");
  renameSync(join(folder, "b"), path);
  await until(replaced, "\xc3\xa9");
  assert.equal(plain.content, "two");
});

void test("a file that cannot be read has no content", () => {
  assert.equal(watchedFile("/nonexistent/file", "/nonexistent").content, "");
});
