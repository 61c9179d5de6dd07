import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeEntry } from "./entry.ts";
import type { RuntimeValues } from "./model.ts";
import { Runtime } from "./snapshot.ts";
import { RuntimeFlag, RuntimeFraction, RuntimeNumber } from "./values.ts";

function values(
  fields: Readonly<Record<string, Parameters<typeof runtimeEntry>[0]>>,
): RuntimeValues {
  return new Map(Object.entries(fields).map(([key, value]) => [key, runtimeEntry(value)]));
}

void test("a value of another kind is none", () => {
  const runtime = new Runtime(values({ text: "x", half: 0.5, flag: true, five: 5 }));
  assert.equal(runtime.integer("text", 1), 1);
  assert.equal(runtime.integer("half", 1), 0);
  assert.equal(runtime.double("half", 1), 0.5);
  assert.equal(runtime.double("five", 1), 5);
  assert.equal(runtime.boolean("five", false), true);
  assert.equal(runtime.boolean("text", true), true);
  assert.equal(runtime.boolean("flag", false), true);
  assert.equal(runtime.fraction("text", null), null);
});

void test("the empty key has no value", () => {
  const runtime = new Runtime(values({ "": 5 }));
  assert.equal(runtime.integer("", 1), 1);
});

void test("a share follows the runtime, and a number of it is a percentage", () => {
  const runtime = new Runtime();
  const share = new RuntimeFraction({ numerator: 1, denominator: 10_000, key: "k" }, runtime);
  assert.deepEqual([share.holds(20_000), share.holds(1)], [true, false]);
  runtime.swap(values({ k: 50 }));
  assert.deepEqual([share.holds(149), share.holds(150)], [true, false]);
  runtime.swap(values({ k: 1000 }));
  assert.equal(share.holds(99), true);
  runtime.swap(values({ k: { numerator: 5, denominator: "MILLION" } }));
  assert.deepEqual([share.holds(4), share.holds(5)], [true, false]);
  runtime.swap(new Map());
  assert.equal(share.holds(1), false);
});

void test("numbers and flags follow the runtime", () => {
  const runtime = new Runtime();
  const integer = new RuntimeNumber({ value: 7, key: "n" }, runtime, "integer");
  const double = new RuntimeNumber({ value: 7, key: "n" }, runtime, "double");
  const flag = new RuntimeFlag({ enabled: true, key: "f" }, runtime);
  assert.deepEqual([integer.value, double.value, flag.enabled], [7, 7, true]);
  runtime.swap(values({ n: 0.5, f: false }));
  assert.deepEqual([integer.value, double.value, flag.enabled], [0, 0.5, false]);
  runtime.swap(values({ n: 9, f: "false" }));
  assert.deepEqual([integer.value, double.value, flag.enabled], [9, 9, true]);
});

void test("what has no key follows nothing", () => {
  const runtime = new Runtime(values({ undefined: 5, "": 5 }));
  assert.equal(new RuntimeNumber({ value: 7 }, runtime, "integer").value, 7);
  assert.equal(new RuntimeFraction({ numerator: 1, denominator: 100 }, runtime).holds(1), false);
});
