import fc from "fast-check";

const ATOMS = [
  "a",
  "b",
  "/",
  ".",
  "[ab]",
  "[^/]",
  "[^a]",
  "\\d",
  "\\w",
  "\\.",
  "1",
  "\xe9",
  "[a-\xff]",
];
const QUANTIFIERS = ["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?", "??"];

const tree = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...ATOMS),
    fc
      .tuple(fc.constantFrom(...ATOMS), fc.constantFrom(...QUANTIFIERS))
      .map((parts) => parts.join("")),
    fc.array(tie("node"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("")),
    fc
      .tuple(tie("node"), fc.constantFrom(...QUANTIFIERS))
      .map(([node, count]) => `(${node})${count}`),
    fc
      .tuple(tie("node"), tie("node"), fc.constantFrom(...QUANTIFIERS))
      .map(([a, b, count]) => `(?:${a}|${b})${count}`),
  ),
}));

/** For tests: valid RE2 patterns over a few bytes, anchored or not. */
export const patterns: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom("", "", "^", "(?i)"), tree.node, fc.constantFrom("", "", "$"))
  .map(([start, node, end]) =>
    start === "(?i)" && /[^\x00-\x7f]/.test(node) ? node : `${start}${node}${end}`,
  );

/** For tests: byte strings that such patterns may match. */
export const subjects: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom("a", "a", "b", "b", "/", "1", ".", "A", "\xe9", "\xff", "\n"),
  maxLength: 8,
});
