import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonItems } from "./json-items.ts";

const TEXT = `{ "log": {
  "entries-not": [ { "no": 1 } ],
  "creator": { "entries": [ { "no": 2 } ] },
  "entries": [
    { "text": "a \\" ] } {" , "list": [ { "x": [] } ] },

    {"b": 2}, {"c": 3}
  ]
}, "entries": [ { "no": 4 } ] }`;

void test("cuts the same elements out of a text, however it comes in pieces", () => {
  const expected = [
    { line: 5, text: '{ "text": "a \\" ] } {" , "list": [ { "x": [] } ] }' },
    { line: 7, text: '{"b": 2}' },
    { line: 7, text: '{"c": 3}' },
  ];
  for (const size of [1, 2, 3, 7, 50, TEXT.length]) {
    const items = new JsonItems(["log", "entries"]);
    const found = [];
    for (let at = 0; at < TEXT.length; at += size) {
      assert.equal(items.complete, at === 0);
      found.push(...items.feed(TEXT.slice(at, at + size)));
    }
    assert.deepEqual(found, expected, `pieces of ${size}`);
    assert.ok(items.complete);
  }
});
