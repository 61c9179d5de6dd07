import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FILESYSTEM_STATS } from "../stats/tables/filesystem.ts";
import { AccessLogFile } from "./access-log-file.ts";
import { SampleWorker } from "./sample-worker.ts";

const SCOPE = { base: 8, histogramBase: 0, prefix: "filesystem." };

interface Opened {
  readonly file: AccessLogFile;
  readonly path: string;
  readonly worker: SampleWorker;
  stat(name: keyof typeof FILESYSTEM_STATS.at): number;
  text(): string;
}

function open(t: TestContext, flushBytes = 100, path = join(folder(t), "access.log")): Opened {
  const worker = new SampleWorker();
  const file = new AccessLogFile(
    { kind: "file", path },
    { flushBytes, flushIntervalMs: 10_000 },
    worker,
    SCOPE,
  );
  t.after(() => file.close());
  return {
    file,
    path,
    worker,
    stat: (name) => worker.stats.slots[SCOPE.base + FILESYSTEM_STATS.at[name]]!,
    text: () => readFileSync(path, "latin1"),
  };
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "nuncio-log-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

void test("lines wait in the buffer until flushBytes are there", (t) => {
  const { file, text, stat } = open(t);
  file.write("a".repeat(60) + "\n");
  assert.equal(text(), "");
  assert.equal(stat("write_total_buffered"), 61);
  file.write("\xff\xc3".repeat(20) + "\n");
  assert.equal(text(), "a".repeat(60) + "\n" + "\xff\xc3".repeat(20) + "\n");
  assert.deepEqual(
    [
      stat("write_buffered"),
      stat("write_completed"),
      stat("write_total_buffered"),
      stat("flushed_by_timer"),
    ],
    [2, 1, 0, 0],
  );
});

void test("a line waits no longer than flushIntervalMs, and an idle file has no timer", (t) => {
  const { file, text, stat, worker } = open(t);
  file.write("one\n");
  worker.advance(9_000);
  file.write("two\n");
  assert.equal(text(), "");
  worker.advance(1_100);
  assert.equal(text(), "one\ntwo\n");
  assert.equal(stat("flushed_by_timer"), 1);
  assert.equal(worker.timers.size, 0);
});

void test("a line longer than what is free goes in after a flush; one longer than the buffer is dropped", (t) => {
  const { file, text, stat } = open(t);
  file.write("a".repeat(99));
  file.write("b".repeat(150));
  assert.equal(text(), "a".repeat(99) + "b".repeat(150));
  file.write("c".repeat(201));
  assert.equal(stat("write_failed"), 1);
  file.write("d\n");
  file.close();
  assert.equal(text(), "a".repeat(99) + "b".repeat(150) + "d\n");
});

void test("after reopen lines go to the new file of the path", (t) => {
  const { file, path, text } = open(t);
  file.write("old\n");
  renameSync(path, `${path}.1`);
  file.reopen();
  file.write("new\n");
  file.flush();
  assert.equal(text(), "new\n");
  assert.equal(readFileSync(`${path}.1`, "latin1"), "old\n");
});

void test("when the path cannot be opened again, lines go on to the old file", (t) => {
  const { file, path, stat } = open(t);
  renameSync(path, `${path}.1`);
  mkdirSync(path);
  file.reopen();
  assert.equal(stat("reopen_failed"), 1);
  file.write("line\n");
  file.flush();
  assert.equal(readFileSync(`${path}.1`, "latin1"), "line\n");
});

void test("two workers append to one file without overwriting each other", (t) => {
  const first = open(t);
  const second = open(t, 100, first.path);
  first.file.write("1\n");
  second.file.write("2\n");
  second.file.flush();
  first.file.flush();
  assert.equal(first.text(), "2\n1\n");
});

void test("a file that takes nothing costs its lines and a stat, nothing else", (t) => {
  const { file, stat } = open(t, 100, "/dev/full");
  file.write("a".repeat(100));
  assert.equal(stat("write_failed"), 1);
  assert.equal(stat("write_total_buffered"), 0);
  file.write("b\n");
  file.flush();
  assert.equal(stat("write_failed"), 2);
});

void test("a file that could not be opened is tried again with each flush", (t) => {
  const path = join(folder(t), "missing", "access.log");
  const { file, stat, text } = open(t, 100, path);
  file.write("lost\n");
  file.flush();
  assert.equal(stat("write_failed"), 1);
  mkdirSync(join(path, ".."));
  file.write("kept\n");
  file.flush();
  assert.equal(text(), "kept\n");
});

void test("no string of a request is kept: a line cut from a large text lets the text go", (t) => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const { file } = open(t, 64 * 1024);
  gc();
  const before = process.memoryUsage().heapUsed;
  // Below the size from which Node keeps a string outside the heap.
  const size = 512 * 1024;
  for (let i = 0; i < 128; i++) {
    const head = Buffer.alloc(size, 65 + (i % 26)).toString("latin1");
    file.write(`"${head.slice(i, i + 100)}" "${head.slice(-50)}"\n`);
  }
  gc();
  const kept = process.memoryUsage().heapUsed - before;
  assert.ok(kept < 8 * size, `${kept} bytes of 64 MiB are still reachable`);
});
