import type { ScalarNode } from "../text-node.ts";

const nulls: ReadonlySet<string> = new Set(["", "~", "null", "Null", "NULL"]);

/** YAML 1.1 booleans in the three spellings that yaml-cpp, the parser in Envoy, takes: `yes`, `Yes` and `YES`. */
const booleans: ReadonlyMap<string, boolean> = new Map(
  Object.entries({
    y: true,
    yes: true,
    true: true,
    on: true,
    n: false,
    no: false,
    false: false,
    off: false,
  }).flatMap(([word, value]) =>
    [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()].map(
      (spelling) => [spelling, value] as const,
    ),
  ),
);

const integer = /^[+-]?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;

/**
 * Reads a plain (unquoted) YAML scalar as Envoy does: null, then boolean, then integer (decimal, `0x` hexadecimal, `0`
 * octal), else a string. Integers beyond 32 bits and all fractions stay strings, which number fields take too; so a
 * fraction in a Struct is a string, as it is in Envoy.
 */
export function plainScalar(text: string, at: number): ScalarNode {
  return { kind: "scalar", at, value: plainValue(text), text, quoted: false };
}

function plainValue(text: string): string | number | boolean | null {
  const first = text.charCodeAt(0);
  const mayBeNumber = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d;
  if (mayBeNumber) return integer.test(text) ? integerValue(text) : text;
  if (text.length > 5) return text;
  if (nulls.has(text)) return null;
  return booleans.get(text) ?? text;
}

function integerValue(text: string): string | number {
  const negative = text.startsWith("-");
  const digits = negative || text.startsWith("+") ? text.slice(1) : text;
  const octal = digits.length > 1 && digits.startsWith("0") && !/[xX]/.test(digits);
  const magnitude = BigInt(octal ? `0o${digits}` : digits);
  const value = negative ? -magnitude : magnitude;
  if (value < -(2n ** 63n) || value >= 2n ** 63n) return text;
  return value >= -(2n ** 31n) && value < 2n ** 31n ? Number(value) : String(value);
}
