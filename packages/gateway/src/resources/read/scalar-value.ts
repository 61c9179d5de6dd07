import type { ScalarNode } from "@nuncio/api";

const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/;
const fraction = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * What a scalar means to Kubernetes, whose YAML is that of Go: as Envoy reads it, but that fractions and large integers are
 * numbers, and that `_` may stand between digits.
 */
export function scalarValue(node: ScalarNode): string | number | boolean | null {
  const { value } = node;
  if (node.quoted || typeof value !== "string") return value;
  return numberOf(node.text) ?? node.text;
}

function numberOf(text: string): number | undefined {
  const first = text.charCodeAt(0);
  const mayBeNumber = first <= 0x39 && (first >= 0x2d || first === 0x2b);
  if (!mayBeNumber) return undefined;
  const plain = text.includes("_") ? text.replaceAll("_", "") : text;
  if (integer.test(plain)) return integerOf(plain);
  return fraction.test(plain) ? Number(plain) : undefined;
}

function integerOf(text: string): number {
  const negative = text.startsWith("-");
  const digits = /^[-+]/.test(text) ? text.slice(1) : text;
  const isOldOctal = digits.length > 1 && /^0[0-7]/.test(digits);
  const value = Number(isOldOctal ? `0o${digits.slice(1)}` : digits.toLowerCase());
  return negative ? -value : value;
}
