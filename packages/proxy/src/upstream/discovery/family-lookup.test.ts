import assert from "node:assert/strict";
import { test } from "node:test";
import type { DnsLookupFamily } from "../definition.ts";
import type { DnsAnswer } from "./dns-resolver.ts";
import { lookupByFamily } from "./family-lookup.ts";

type Zone = { readonly 4: string; readonly 6: string };

/** Resolves in a world of one name: per family an address, nothing (empty), or `failure`. */
function resolve(
  family: DnsLookupFamily,
  zone: Zone,
  later: boolean,
): { asked: string; answer: () => string } {
  const waiting: (() => void)[] = [];
  let asked = "";
  let result: DnsAnswer | null = null;
  lookupByFamily(
    family,
    (version, callback) => {
      asked += version;
      const tell = (): void => callback(answerOf(zone[version]));
      if (later) waiting.push(tell);
      else tell();
      return () => {};
    },
    (answer) => {
      result = answer;
    },
  );
  for (let tell = waiting.shift(); tell !== undefined; tell = waiting.shift()) tell();
  return { asked, answer: () => textOf(result!) };
}

function answerOf(record: string): DnsAnswer {
  if (record === "failure") return { status: "failure", reason: "ESERVFAIL" };
  return { status: "completed", addresses: record === "" ? [] : [{ ip: record, ttlS: 1 }] };
}

function textOf(answer: DnsAnswer): string {
  return answer.status === "failure" ? "failure" : answer.addresses.map(({ ip }) => ip).join(" ");
}

/** Family, its A and AAAA records, which questions are asked, and the answer. */
const ROWS: readonly (readonly [DnsLookupFamily, string, string, string, string])[] = [
  ["V4_ONLY", "1.1.1.1", "::1", "4", "1.1.1.1"],
  ["V4_ONLY", "", "::1", "4", ""],
  ["V6_ONLY", "1.1.1.1", "::1", "6", "::1"],
  ["AUTO", "1.1.1.1", "::1", "6", "::1"],
  ["AUTO", "1.1.1.1", "", "64", "1.1.1.1"],
  ["AUTO", "1.1.1.1", "failure", "64", "1.1.1.1"],
  ["AUTO", "", "failure", "64", ""],
  ["AUTO", "failure", "", "64", "failure"],
  ["V4_PREFERRED", "1.1.1.1", "::1", "4", "1.1.1.1"],
  ["V4_PREFERRED", "", "::1", "46", "::1"],
  ["ALL", "1.1.1.1", "::1", "64", "::1 1.1.1.1"],
  ["ALL", "1.1.1.1", "failure", "64", "1.1.1.1"],
  ["ALL", "", "failure", "64", "failure"],
  ["ALL", "", "", "64", ""],
];

for (const [family, v4, v6, asked, expected] of ROWS) {
  void test(`${family} with A "${v4}" and AAAA "${v6}"`, () => {
    for (const later of [true, false]) {
      const result = resolve(family, { 4: v4, 6: v6 }, later);
      assert.equal(result.asked, asked);
      assert.equal(result.answer(), expected);
    }
  });
}

void test("cancelling reaches the question that is on its way", () => {
  const cancelled: number[] = [];
  const callbacks: ((answer: DnsAnswer) => void)[] = [];
  const lookup = (version: 4 | 6, callback: (answer: DnsAnswer) => void): (() => void) => {
    callbacks.push(callback);
    return () => cancelled.push(version);
  };
  const cancel = lookupByFamily("AUTO", lookup, () => assert.fail("cancelled"));
  callbacks[0]!(answerOf(""));
  cancel();
  lookupByFamily("ALL", lookup, () => assert.fail("cancelled"))();
  assert.deepEqual(cancelled, [4, 6, 4]);
});
