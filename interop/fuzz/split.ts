import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { Random } from "../harness/random.ts";

/** Inputs up to this length are also fed byte by byte. */
const SINGLE_BYTES_MAX = 256;
const CUTS_MAX = 6;

/**
 * Holds a reader of bytes to split invariance: what it tells depends on the bytes and not on how they were cut. `eventsOf`
 * runs one from a fresh state, cut at the given offsets. The places are drawn from the input itself, so that it says all.
 */
export function assertSplitInvariant(
  input: Buffer,
  eventsOf: (cuts: readonly number[]) => unknown,
): void {
  const whole = eventsOf([]);
  const random = new Random(checksum(input));
  const cuts = Array.from({ length: 1 + random.below(CUTS_MAX) }, () =>
    random.below(input.length + 1),
  );
  assertSame(eventsOf(cuts.sort((a, b) => a - b)), whole, cuts);
  if (input.length > SINGLE_BYTES_MAX) return;
  const everywhere = Array.from(input, (_, at) => at);
  assertSame(eventsOf(everywhere), whole, everywhere);
}

function assertSame(cut: unknown, whole: unknown, cuts: readonly number[]): void {
  if (isDeepStrictEqual(cut, whole)) return;
  assert.deepEqual(cut, whole, `another result when cut at ${cuts.join(", ")}`);
}

function checksum(input: Buffer): number {
  let sum = input.length;
  for (const octet of input) sum = Math.imul(sum ^ octet, 0x01000193);
  return sum;
}
