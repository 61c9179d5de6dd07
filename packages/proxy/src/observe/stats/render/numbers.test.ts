import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allDigits, jsonNumber, shortest, sixDigits, wholeNumber } from "./numbers.ts";

describe("numbers", () => {
  it("prints whole numbers up to 2^64 - 1", () => {
    assert.deepEqual([0, 15, 2 ** 53, 2 ** 64, 1e300].map(wholeNumber), [
      "0",
      "15",
      "9007199254740992",
      "18446744073709551615",
      "18446744073709551615",
    ]);
  });

  it("prints bounds with six digits, as %g", () => {
    assert.deepEqual([0.5, 0, 10_000, 300_000, 1_800_000, 12_345_678, 0.1].map(sixDigits), [
      "0.5",
      "0",
      "10000",
      "300000",
      "1.8e+06",
      "1.23457e+07",
      "0.1",
    ]);
  });

  it("prints sums exactly, as %.32g", () => {
    assert.deepEqual([0, 25.5, 3_600_000, 1.05, 1 / 3, Number.NaN].map(allDigits), [
      "0",
      "25.5",
      "3600000",
      "1.0500000000000000444089209850063",
      "0.33333333333333331482961625624739",
      "nan",
    ]);
  });

  it("prints the shortest JSON", () => {
    assert.deepEqual(
      [0.5, 60_000, 300_000, 1_000_000, 1_800_000, 1.05, Number.NaN].map(jsonNumber),
      ["0.5", "60000", "3e+05", "1e+06", "1800000", "1.05", "null"],
    );
    assert.deepEqual([1.05, Number.NaN].map(shortest), ["1.05", "nan"]);
  });
});
