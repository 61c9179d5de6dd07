import fc, { type Arbitrary } from "fast-check";

/** Cuts a text behind each of its bytes. */
export function everyByte(text: string): number[] {
  return Array.from({ length: text.length }, (_, at) => at);
}

/** Where to cut a text, in ascending order. */
export function cutsOf(text: string): Arbitrary<number[]> {
  return fc
    .uniqueArray(fc.nat(text.length), { maxLength: 12 })
    .map((cuts) => cuts.toSorted((a, b) => a - b));
}

/** One of the texts with bytes removed and `inserted` here and there, within the first `end` bytes or behind the last. */
export function mutated(
  texts: readonly string[],
  end: number,
  inserted: Arbitrary<string>,
): Arbitrary<string> {
  const edit = fc.record({ at: fc.nat(end), remove: fc.nat(3), insert: inserted });
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { maxLength: 4 }))
    .map(([text, edits]) =>
      edits.reduce(
        (result, { at, remove, insert }) =>
          result.slice(0, at) + insert + result.slice(at + remove),
        text,
      ),
    );
}
