import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ReadResult } from "../../resources/read/read-resources.ts";
import { changedSpan } from "./changed-span.ts";
import { documentsNow, type KnownFile } from "./known-documents.ts";

/** What was read: texts of documents, in their order. */
function reader(documentsMax = 1000) {
  const texts: string[] = [];
  const read = (text: string): ReadResult => {
    texts.push(text);
    return { resources: [], problems: [], refused: [], complete: true };
  };
  const now = (text: string, before?: KnownFile): KnownFile | undefined =>
    documentsNow(Buffer.from(text), before, { read, documentsMax });
  return { now, texts };
}

function shape(file: KnownFile | undefined): unknown {
  return file?.documents.map(({ text, from, line }) => ({ text, from, line }));
}

const pieces = fc.constantFrom("---\n", "---", "\n", "a", "é: 1\n", "b: 2\n", " ", "--", "\r\n");
const texts = fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join(""));

test("whatever changed, the documents are those of the file as it is", () => {
  fc.assert(
    fc.property(fc.array(texts, { minLength: 2, maxLength: 4 }), (versions) => {
      const { now } = reader();
      let file: KnownFile | undefined;
      for (const text of versions) file = now(text, file);
      assert.deepEqual(shape(file), shape(reader().now(versions.at(-1)!)));
    }),
    { numRuns: 2_000 },
  );
});

test("what is put in between leaves the documents before and behind it alone", () => {
  fc.assert(
    fc.property(texts, texts, texts, texts, (head, before, after, tail) => {
      const { now } = reader();
      const file = now(`${head}\n${after}\n${tail}`, now(`${head}\n${before}\n${tail}`));
      assert.deepEqual(shape(file), shape(reader().now(`${head}\n${after}\n${tail}`)));
    }),
    { numRuns: 2_000 },
  );
});

test("only what is new is read", () => {
  const { now, texts: read } = reader();
  const document = (i: number): string => `---\nname: n${i}\nkind: ${"k".repeat(i)}\n`;
  const all = Array.from({ length: 100 }, (_, i) => document(i));
  let file = now(all.join(""));
  assert.deepEqual(read.splice(0), all);
  const change = (next: string[]): string[] => {
    file = now(next.join(""), file);
    return read.splice(0);
  };
  assert.deepEqual(change(all), []);
  assert.deepEqual(change(all.with(50, document(200))), [document(200)]);
  assert.deepEqual(change(all.toSpliced(20, 1)), [document(50)]);
  assert.deepEqual(change(all.with(0, "a: 1\n").with(99, "---\nb: 1")), [
    "a: 1\n",
    document(20),
    "---\nb: 1",
  ]);
  assert.deepEqual(change([...all.slice(1), all[0]!]), [document(99), document(0)]);
});

test("a file of more documents than are taken apart is left whole", () => {
  const { now } = reader(2);
  const file = now("a: 1\n---\nb: 1\n");
  assert.equal(file?.documents.length, 2);
  assert.equal(now("a: 1\n---\nb: 1\n---\nc: 1\n", file), undefined);
});

test("the span that differs is found wherever it is", () => {
  const before = Buffer.alloc(300_000, "x");
  for (const at of [0, 1, 65_535, 65_536, 150_000, 299_999]) {
    const now = Buffer.from(before);
    now[at] = 0;
    assert.deepEqual(changedSpan(before, now), { from: at, toBefore: at + 1, toNow: at + 1 });
  }
  const length = before.length;
  assert.deepEqual(changedSpan(before, before), { from: length, toBefore: length, toNow: length });
  const longer = Buffer.concat([before, Buffer.from("xx")]);
  assert.deepEqual(changedSpan(before, longer), {
    from: length,
    toBefore: length,
    toNow: length + 2,
  });
});
