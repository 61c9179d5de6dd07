import assert from "node:assert/strict";
import { test } from "node:test";
import { shareEqual } from "./share-equal.ts";

const sample = (): object => ({
  text: "a",
  nothing: null,
  not: NaN,
  count: 3n,
  list: [{ name: "x", deep: [1, 2] }, { name: "y" }],
  bytes: Uint8Array.of(1, 2),
  pattern: /a+/i,
  map: new Map([["k", { v: 1 }]]),
  set: new Set(["s"]),
});

void test("equal data is the data that there was", () => {
  const before = sample();
  assert.equal(shareEqual(before, sample()), before);
});

for (const [field, value] of [
  ["text", "b"],
  ["nothing", 0],
  ["count", 4n],
  ["list", [{ name: "x", deep: [1, 2] }]],
  ["list", [{ name: "x", deep: [1, 3] }, { name: "y" }]],
  ["bytes", Uint8Array.of(1, 3)],
  ["bytes", [1, 2]],
  ["pattern", /a+/],
  ["map", new Map([["k", { v: 2 }]])],
  ["set", new Set(["t"])],
  ["more", 1],
] as const) {
  void test(`another ${field} is other data: ${typeof value}`, () => {
    const before = sample();
    const after = { ...sample(), [field]: value };
    const shared = shareEqual<object>(before, after);
    assert.notEqual(shared, before);
    assert.deepEqual(shared, after);
  });
}

void test("a field less is other data, and an undefined one is none", () => {
  const before = { a: 1, b: { c: 2 } };
  assert.deepEqual(shareEqual<object>(before, { b: { c: 2 } }), { b: { c: 2 } });
  assert.equal(shareEqual<object>(before, { a: 1, b: { c: 2 }, d: undefined }), before);
});

void test("what is equal in other data is shared, wherever its name stands", () => {
  const cell = new SharedArrayBuffer(8);
  const before = { list: [{ name: "limit", cell }, { name: "router" }] };
  const after = {
    list: [
      { name: "first" },
      { name: "limit", cell: new SharedArrayBuffer(8) },
      { name: "router" },
    ],
  };
  const shared = shareEqual<typeof before | typeof after>(before, after);
  assert.equal(shared.list[1], before.list[0]);
  assert.equal(shared.list[2], before.list[1]);
  assert.equal(shared.list.length, 3);
});

void test("the same items in another order are another list", () => {
  const before = [{ name: "a" }, { name: "b" }];
  assert.deepEqual(shareEqual(before, [{ name: "b" }, { name: "a" }]), [
    { name: "b" },
    { name: "a" },
  ]);
});

void test("shared memory of another size is other data", () => {
  const before = { cell: new SharedArrayBuffer(8) };
  const after = { cell: new SharedArrayBuffer(16) };
  assert.equal(shareEqual(before, after).cell, after.cell);
});
