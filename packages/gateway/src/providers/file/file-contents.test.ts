import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FileContents } from "./file-contents.ts";

test("large files are read into two buffers by turns", (t) => {
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
