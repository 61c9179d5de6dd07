import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultReadLimits } from "../../resources/read/read-limits.ts";
import { FileReader } from "./file-reader.ts";
import { splitDocuments } from "./split-documents.ts";

function service(name: string, port = 80): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ns }
spec: { ports: [{ port: ${port} }] }
`;
}

test("documents are the file again, and know where they begin", () => {
  const text = "# first\na: 1\n---\nb: |\n  --- no separator\n--- # last\nc: 1\n---";
  const documents = splitDocuments(text)!;
  assert.equal(documents.map((one) => one.text).join(""), text);
  assert.deepEqual(
    documents.map(({ line }) => line),
    [0, 2, 5, 7],
  );
  assert.equal(splitDocuments("%YAML 1.2\n---\na: 1\n---\nb: 1\n"), undefined);
  assert.equal(splitDocuments("a: 1\n...\n---\nb: 1\n"), undefined);
});

test("only documents that have changed are read again", () => {
  const reader = new FileReader();
  const text = (port: number): string =>
    [service("a"), service("b", port), service("c")].join("---\n");
  const first = reader.read({ name: "f.yaml", content: text(1) }).content.objects;
  const second = reader.read({ name: "f.yaml", content: text(2) }).content.objects;
  assert.deepEqual(
    second.map((object, index) => object === first[index]),
    [true, false, true],
  );
  reader.forget("f.yaml");
  assert.notEqual(reader.read({ name: "f.yaml", content: text(2) }).content.objects[0], second[0]);
});

test("problems have the places that they have in the file", () => {
  const reader = new FileReader();
  const bad = service("b").replace("port: 80", "port: 80000");
  const { problems, content } = reader.read({
    name: "f.yaml",
    content: [service("a"), bad].join("---\n"),
  });
  assert.match(problems.join("\n"), /^f\.yaml:9:\d+ Service ns\/b: spec\.ports\[0\]\.port/);
  assert.deepEqual(content.refused, [{ kind: "Service", key: "ns/b" }]);
  assert.equal(content.complete, true);
  const half = reader.read({ name: "f.yaml", content: `${service("a")}---\nhalf: [` });
  assert.equal(half.content.complete, false);
  assert.match(half.problems.join("\n"), /^f\.yaml:6:/);
  assert.equal(half.content.objects.length, 1);
});

test("limits hold for the whole file", () => {
  const two = [service("a"), service("b")].join("---\n");
  const read = (limits: object) =>
    new FileReader({ ...defaultReadLimits, ...limits }).read({ name: "f.yaml", content: two });
  assert.match(read({ documentsPerFileMax: 1 }).problems.join(), /expected at most 1 documents/);
  assert.match(read({ fileBytesMax: 9 }).problems.join(), /expected at most 9 bytes/);
  const wrong = two.replaceAll("port: 80", "port: 80000");
  const { problems } = new FileReader({ ...defaultReadLimits, problemsPerFileMax: 1 }).read({
    name: "f.yaml",
    content: wrong,
  });
  assert.match(problems.at(-1)!, /^\d+ more problems are not told$/);
  assert.equal(problems.length, 2);
});

test("what is no text in UTF-8 is told of", () => {
  const { problems, content } = new FileReader().read({
    name: "f.yaml",
    content: new Uint8Array([0xff, 0xfe]),
  });
  assert.match(problems.join(), /expected text in UTF-8/);
  assert.equal(content.complete, false);
});
