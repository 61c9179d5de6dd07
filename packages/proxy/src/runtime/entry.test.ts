import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeEntry } from "./entry.ts";

// Seen on Envoy 1.40.
void test("numbers are whole ones and booleans, too", () => {
  assert.deepEqual(runtimeEntry(5), { raw: "5", uint: 5, double: 5, bool: true });
  assert.deepEqual(runtimeEntry(0), { raw: "0", uint: 0, double: 0, bool: false });
  assert.deepEqual(runtimeEntry(99.5), { raw: "99.5", uint: 99, double: 99.5 });
  assert.deepEqual(runtimeEntry(-1), { raw: "-1", double: -1, bool: true });
  assert.deepEqual(runtimeEntry("3000000000"), { raw: "3000000000", uint: 3e9, double: 3e9 });
  assert.deepEqual(runtimeEntry("1e30"), { raw: "1e30", double: 1e30 });
});

void test("numbers are shown with six digits", () => {
  const texts = [1_234_567, 100_000, 999_999.5, 0.000_012_34, 0.5, -5, 1e300, 0].map(
    (value) => runtimeEntry(value).raw,
  );
  const shown = ["1.23457e+06", "100000", "1e+06", "1.234e-05", "0.5", "-5", "1e+300", "0"];
  assert.deepEqual(texts, shown);
});

// Seen on Envoy 1.40.
void test("texts are numbers where they look like it, and nothing else", () => {
  const five = { uint: 5, double: 5, bool: true };
  assert.deepEqual(runtimeEntry("5"), { raw: "5", ...five });
  assert.deepEqual(runtimeEntry(" 5e0 "), { raw: " 5e0 ", ...five });
  assert.deepEqual(runtimeEntry("0x5"), { raw: "0x5", ...five });
  assert.deepEqual(runtimeEntry("-inf"), { raw: "-inf", double: -Infinity });
  for (const raw of ["plain", "5a", "true", "FALSE", "{numerator: 5}"])
    assert.deepEqual(runtimeEntry(raw), { raw });
});

// Seen on Envoy 1.40.
void test("objects are shares", () => {
  const share = (fields: Parameters<typeof runtimeEntry>[0]): unknown =>
    runtimeEntry(fields).fraction;
  assert.deepEqual(share({ numerator: 3, denominator: "TEN_THOUSAND" }), {
    numerator: 3,
    denominator: 10_000,
  });
  assert.deepEqual(share({ numerator: "7" }), { numerator: 0, denominator: 100 });
  assert.deepEqual(share({ numerator: 0.9 }), { numerator: 0, denominator: 100 });
  assert.deepEqual(share({}), { numerator: 0, denominator: 100 });
  assert.deepEqual(share({ numerator: -5 }), { numerator: 2 ** 32 - 5, denominator: 100 });
  assert.equal(share({ numerator: 1, denominator: "BILLION" }), undefined);
  assert.equal(share({ numerator: 1, denominator: 2 }), undefined);
  assert.equal(share({ numerator: 1, other: 2 }), undefined);
});

void test("a text of its own is what is shown", () => {
  assert.deepEqual(runtimeEntry(true, "yes"), { raw: "yes", bool: true });
  assert.deepEqual(runtimeEntry(null, ""), { raw: "" });
});
