import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Chance, drawOf } from "./chance.ts";

void test("a second share counts only what the first left over", () => {
  const all = Chance.all([100, 10_000]);
  const { held, others } = all.split(30, 100);
  assert.equal(held.probability, 0.3);
  // The same number decides: of the numbers below 50 %, those below 30 % are gone.
  assert.equal(others.split(50, 100).held.probability, 0.2);
  assert.equal(others.split(30, 100).held.probability, 0);
  assert.equal(others.split(30, 100).held.example, null);
});

void test("weighted choices behind a share are not independent of it", () => {
  const { held } = Chance.all([100]).split(50, 100);
  const [first, second] = held.choices([50, 50]);
  assert.equal(first!.probability, 0.5);
  assert.deepEqual(second, { probability: 0, example: null });
});

void test("shares and examples are those of the numbers themselves", () => {
  const denominators = fc.constantFrom(4, 10, 100);
  const share = denominators.chain((denominator) =>
    fc.record({ denominator: fc.constant(denominator), numerator: fc.nat(denominator) }),
  );
  const weights = fc.array(fc.nat(7), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(share, share, weights, (a, b, list) => {
      const total = list.reduce((sum, weight) => sum + weight, 0);
      if (total === 0) return;
      const left = Chance.all([a.denominator, b.denominator])
        .split(a.numerator, a.denominator)
        .others.split(b.numerator, b.denominator).held;
      const range = 100 * total;
      const counts = list.map(() => 0);
      for (let number = 0; number < range; number++) {
        if (takes(number, a) || !takes(number, b)) continue;
        counts[pick(list, number % total)]! += 1;
      }
      left.choices(list).forEach(({ probability, example }, index) => {
        assert.ok(Math.abs(probability - counts[index]! / range) < 1e-12);
        assert.equal(example === null, counts[index] === 0);
        if (example === null) return;
        const drawn = Math.floor(drawOf(example) * 2 ** 53);
        assert.equal(drawn, example);
        assert.ok(!takes(drawn, a) && takes(drawn, b));
        assert.equal(pick(list, drawn % total), index);
      });
    }),
    { numRuns: 300 },
  );
});

void test("finds an example among the largest weights there can be", () => {
  const { held } = Chance.all([1_000_000]).split(1, 1_000_000);
  const [, rare] = held.choices([4_294_967_292, 1]);
  assert.equal(rare!.example! % 1_000_000, 0);
  assert.equal(rare!.example! % 4_294_967_293, 4_294_967_292);
});

function takes(
  number: number,
  { numerator, denominator }: { numerator: number; denominator: number },
): boolean {
  return number % denominator < numerator;
}

function pick(weights: readonly number[], value: number): number {
  let at = 0;
  let left = value;
  while (left >= weights[at]!) left -= weights[at++]!;
  return at;
}
