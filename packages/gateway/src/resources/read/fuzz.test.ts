import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAllDocuments, stringify } from "yaml";
import { Mutations } from "./mutations.test-support.ts";
import { placeOf } from "./origin.ts";
import { readResources } from "./read-resources.ts";

const original = readFileSync(new URL("../testdata/every-field.yaml", import.meta.url), "utf8");
const originals = parseAllDocuments(original).map((document) => document.toJS());

test("whatever an object is made of, there are problems with a place or there is a resource", () => {
  const mutations = new Mutations(originals, 7);
  for (let index = 0; index < 1500; index++) {
    const content = stringify(mutations.next("a"), { version: "1.1" });
    const { resources, problems, refused } = readResources({ name: "a.yaml", content });
    const lines = content.split("\n").length;
    assert.equal(resources.length + refused.length, 1, content);
    assert.equal(problems.length > 0, refused.length > 0, content);
    for (const { place } of problems)
      assert.ok(place !== null && place.line >= 1 && place.line <= lines, content);
    for (const { origin } of resources) assert.equal(placeOf(origin, ["spec"]).file, "a.yaml");
  }
});

test("a file that ends anywhere is read as far as it goes, and never throws", () => {
  for (let end = 0; end < original.length; end += 7) {
    const { resources, problems, complete } = readResources({
      name: "a.yaml",
      content: original.slice(0, end),
    });
    const documents = original.slice(0, end).split("\n---\n").length;
    assert.ok(resources.length <= documents, String(end));
    assert.ok(complete || problems.length > 0, String(end));
  }
});
