import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { FileContents } from "./file-contents.ts";

interface Fixture {
  readonly folder: string;
  readonly path: string;
  readonly contents: FileContents;
  /** Writes so much of a letter, and reads it. */
  read(letter: string, bytes: number): Buffer;
}

function fixture(t: TestContext): Fixture {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-contents-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "large.yaml");
  const contents = new FileContents();
  const read = (letter: string, bytes: number): Buffer => {
    writeFileSync(path, letter.repeat(bytes));
    const seen = contents.read(path);
    assert.equal(seen.toString(), letter.repeat(bytes));
    return seen;
  };
  return { folder, path, contents, read };
}

test("large files are read into two buffers by turns", (t) => {
  const { folder, contents, read } = fixture(t);
  const sizes = [400_000, 410_000, 390_000, 400_000];
  const [first, second, third, fourth] = sizes.map((size, i) => read("abcd"[i]!, size));
  assert.equal(third!.buffer, first!.buffer);
  assert.equal(fourth!.buffer, second!.buffer);
  assert.notEqual(third!.buffer, fourth!.buffer);
  const grown = read("e", 4_000_000);
  assert.equal(fourth!.toString("utf8", 0, 4), "dddd");
  assert.notEqual(read("f", 10).buffer, grown.buffer);
  assert.equal(read("", 0).length, 0);
  assert.throws(() => contents.read(join(folder, "nothing")), /ENOENT/);
});

test("what is passed over is read over, and what was there before stays", (t) => {
  const { path, contents, read } = fixture(t);
  contents.passOver(path);
  const first = read("a", 400_000);
  contents.passOver(path);
  const [second, third] = [read("b", 400_000), read("c", 400_000)];
  assert.equal(third.buffer, first.buffer);
  contents.passOver(path);
  assert.equal(read("d", 400_000).buffer, third.buffer);
  assert.equal(second.toString("utf8", 0, 4), "bbbb");
  assert.equal(read("e", 400_000).buffer, second.buffer);
});
