import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { EventQueue } from "./event-queue.test-support.ts";
import { FileFollower } from "./file.ts";

/** A folder, and what is told of a file in it. */
function follow(
  context: TestContext,
  prepare: (folder: string) => { path: string; watchedDirectory: string | null },
): { folder: string; next(): Promise<string> } {
  const folder = mkdtempSync(join(tmpdir(), "xds-file-"));
  const { path, watchedDirectory } = prepare(folder);
  const told = new EventQueue<string>();
  const following = new FileFollower(path, watchedDirectory).follow({
    onContent: (content) => told.push(Buffer.from(content).toString()),
    onError: (reason) => told.push(`error ${reason}`),
  });
  context.after(() => {
    following.close();
    rmSync(folder, { recursive: true });
  });
  return { folder, next: async () => await told.next() };
}

function put(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, `.${name}`), text);
  renameSync(join(folder, `.${name}`), join(folder, name));
}

const options = { timeout: 10_000 };

test(
  "a file that is moved into place is read, one that is written in place is not",
  options,
  async (context) => {
    const { folder, next } = follow(context, (at) => {
      put(at, "eds.yaml", "one");
      return { path: join(at, "eds.yaml"), watchedDirectory: null };
    });
    assert.equal(await next(), "one");
    writeFileSync(join(folder, "eds.yaml"), "half");
    put(folder, "other.yaml", "other");
    put(folder, "eds.yaml", "two");
    assert.equal(await next(), "two");
  },
);

test("with a watched folder, whatever is moved in it counts", options, async (context) => {
  const swap = (at: string, version: string): void => {
    mkdirSync(join(at, version));
    writeFileSync(join(at, version, "eds.yaml"), version);
    symlinkSync(version, join(at, "..next"));
    renameSync(join(at, "..next"), join(at, "..data"));
  };
  const { folder, next } = follow(context, (at) => {
    swap(at, "one");
    symlinkSync(join("..data", "eds.yaml"), join(at, "eds.yaml"));
    return { path: join(at, "eds.yaml"), watchedDirectory: at };
  });
  assert.equal(await next(), "one");
  swap(folder, "two");
  // The new folder is noticed before the link leads to it.
  let text = await next();
  while (text === "one") text = await next();
  assert.equal(text, "two");
});

test("a file that is not there is told, and read when it comes", options, async (context) => {
  const { folder, next } = follow(context, (at) => ({
    path: join(at, "eds.yaml"),
    watchedDirectory: null,
  }));
  assert.match(await next(), /^error ENOENT/);
  put(folder, "eds.yaml", "one");
  assert.equal(await next(), "one");
});

test("a folder that is not there is told", options, async (context) => {
  const { next } = follow(context, (at) => ({
    path: join(at, "nothing", "eds.yaml"),
    watchedDirectory: null,
  }));
  assert.match(await next(), /^error ENOENT/);
});
