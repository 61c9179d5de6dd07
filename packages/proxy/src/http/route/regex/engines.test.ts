import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { literalPrefix } from "./literal-prefix.ts";
import { nativeFullMatch, nativeSearch } from "./native.ts";
import { buildSubstitute } from "./substitute.ts";

// What must hold for any pattern: the native engine is RE2, only faster.

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

/** Valid RE2 patterns over a few bytes, anchored or not. */
const patterns: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom("", "", "^", "(?i)"), tree.node, fc.constantFrom("", "", "$"))
  .map(([start, node, end]) =>
    start === "(?i)" && /[^\x00-\x7f]/.test(node) ? node : `${start}${node}${end}`,
  );

/** Byte strings that such patterns may match. */
const subjects: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom("a", "a", "b", "b", "/", "1", ".", "A", "\xe9", "\xff", "\n"),
  maxLength: 8,
});

void test("a full match is what RE2 gives, for any pattern and any bytes", () => {
  fc.assert(
    fc.property(patterns, fc.array(subjects, { minLength: 5, maxLength: 20 }), (pattern, texts) => {
      const native = nativeFullMatch(pattern);
      fc.pre(native !== null);
      const re2 = RE2JS.compile(pattern);
      for (const text of texts)
        assert.equal(native.test(text), re2.testExact(text), `${pattern} on ${text}`);
    }),
    { numRuns: 2000 },
  );
});

void test("every whole match begins with the literal prefix", () => {
  fc.assert(
    fc.property(patterns, fc.array(subjects, { minLength: 5, maxLength: 20 }), (pattern, texts) => {
      const prefix = literalPrefix(pattern);
      const re2 = RE2JS.compile(pattern);
      for (const text of texts) {
        if (re2.testExact(text)) assert.ok(text.startsWith(prefix), `${pattern} on ${text}`);
      }
    }),
    { numRuns: 2000 },
  );
});

void test("the native engine substitutes as RE2 does, captures included", () => {
  fc.assert(
    fc.property(patterns, fc.array(subjects, { minLength: 5, maxLength: 15 }), (pattern, texts) => {
      fc.pre(nativeSearch(pattern) !== null);
      const substitution =
        pattern.includes("(") && !pattern.startsWith("(?") ? "<\\0|\\1>" : "<\\0>";
      const native = buildSubstitute({ pattern, substitution });
      // The native parser does not know quotations, so this one goes to RE2.
      const re2 = buildSubstitute({ pattern: `\\Q\\E${pattern}`, substitution });
      for (const text of texts) assert.equal(native(text), re2(text), `${pattern} on ${text}`);
    }),
    { numRuns: 2000 },
  );
});

void test("a native match of a long subject that nearly matches comes back", () => {
  fc.assert(
    fc.property(
      patterns,
      fc.string({ unit: fc.constantFrom("a", "b", "/"), minLength: 1, maxLength: 4 }),
      (p, s) => {
        const native = nativeFullMatch(p);
        fc.pre(native !== null);
        // Quadratic time would be 10^10 steps here, exponential time would not end.
        assert.equal(typeof native.test(`${s.repeat(100_000 / s.length)}!`), "boolean");
      },
    ),
    { numRuns: 300 },
  );
});
