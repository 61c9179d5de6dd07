import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EdfScheduler } from "./edf-scheduler.ts";

const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 30 });

void test("after any number of picks nobody is more than one turn from the exact share", () => {
  fc.assert(
    fc.property(weights, fc.nat(5000), (list, picks) => {
      const entries = list.map((weight, index) => ({ weight, index }));
      const scheduler = new EdfScheduler(entries, ({ weight }) => weight, 0);
      const counts = list.map(() => 0);
      for (let i = 0; i < picks; i++) counts[scheduler.pick()!.index]!++;
      const sum = list.reduce((total, weight) => total + weight, 0);
      list.forEach((weight, i) => {
        const off = Math.abs(counts[i]! - (picks * weight) / sum);
        // One turn of its own, and as many ties as there are entries at most.
        assert.ok(off <= 1 + list.length * (weight / sum), `${off} off`);
      });
    }),
  );
});

void test("a start after n picks is where n picks lead", () => {
  fc.assert(
    fc.property(weights, fc.nat(2000), (list, picks) => {
      const entries = list.map((weight, index) => ({ weight, index }));
      const walked = new EdfScheduler(entries, ({ weight }) => weight, 0);
      const started = new EdfScheduler(entries, ({ weight }) => weight, picks);
      const counts = list.map(() => 0);
      for (let i = 0; i < picks; i++) counts[walked.pick()!.index]!++;
      const later = list.map(() => 0);
      const more = 3 * list.reduce((total, weight) => total + weight, 0);
      for (let i = 0; i < more; i++) {
        counts[walked.pick()!.index]!++;
        later[started.pick()!.index]!++;
      }
      // Whole rounds: the same shares, but for the turn that each may be ahead or behind.
      list.forEach((weight, i) =>
        assert.ok(Math.abs(later[i]! - 3 * weight) <= 2, `${later[i]} for ${weight}`),
      );
    }),
  );
});

void test("equal weights go round in order", () => {
  const scheduler = new EdfScheduler(["a", "b", "c"], () => 1, 0);
  assert.equal(Array.from({ length: 7 }, () => scheduler.pick()).join(""), "abcabca");
});

void test("a weight that changes counts from the next pick on", () => {
  const entries = [
    { name: "a", weight: 1 },
    { name: "b", weight: 1 },
  ];
  const scheduler = new EdfScheduler(entries, ({ weight }) => weight, 0);
  scheduler.pick();
  scheduler.pick();
  entries[0]!.weight = 9;
  let count = 0;
  for (let i = 0; i < 1000; i++) if (scheduler.pick()!.name === "a") count++;
  assert.ok(Math.abs(count - 900) <= 10, String(count));
});

void test("without entries there is no pick", () => {
  assert.equal(new EdfScheduler([], () => 1, 5).pick(), undefined);
});
