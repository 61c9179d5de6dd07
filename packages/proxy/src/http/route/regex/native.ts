import { hasCaptureInRepeat, hasEmptyRepeat, isLinearFullMatch, isLinearSearch } from "./linear.ts";
import { parsePattern } from "./parse.ts";
import type { Node } from "./parse.ts";

/**
 * A native expression that matches exactly the subjects that RE2 matches in whole, in linear time; null where that
 * cannot be proved. It takes byte strings, as RE2 in its Latin-1 mode.
 */
export function nativeFullMatch(pattern: string): RegExp | null {
  const parsed = parsePattern(pattern);
  if (parsed === null || hasEmptyRepeat(parsed.node) || !isLinearFullMatch(parsed)) return null;
  return new RegExp(`^(?:${source(parsed.node)})$`);
}

/**
 * A native expression (global) that finds RE2's leftmost matches with the same captures, in linear time; null where
 * that cannot be proved.
 */
export function nativeSearch(pattern: string): RegExp | null {
  const parsed = parsePattern(pattern);
  if (parsed === null || hasEmptyRepeat(parsed.node) || hasCaptureInRepeat(parsed.node))
    return null;
  if (!isLinearSearch(parsed)) return null;
  const start = parsed.anchoredStart ? "^" : "";
  const end = parsed.anchoredEnd ? "$" : "";
  return new RegExp(`${start}${source(parsed.node)}${end}`, "g");
}

function source(node: Node): string {
  switch (node.kind) {
    case "set":
      return setSource(node.set.ranges());
    case "sequence":
      return node.parts
        .map((part) => (part.kind === "choice" ? `(?:${source(part)})` : source(part)))
        .join("");
    case "choice":
      return node.options.map(source).join("|");
    case "group":
      return `(${node.capturing ? "" : "?:"}${source(node.node)})`;
    case "repeat":
      return `${source(node.node)}${quantifier(node.min, node.max)}${node.lazy ? "?" : ""}`;
  }
}

function quantifier(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
  return min === 0 && max === 1 ? "?" : `{${min},${max}}`;
}

function setSource(ranges: readonly (readonly [number, number])[]): string {
  const [only] = ranges;
  if (ranges.length === 1 && only![0] === only![1]) return byteSource(only![0]);
  const text = ranges.map(([low, high]) =>
    low === high ? byteSource(low) : `${byteSource(low)}-${byteSource(high)}`,
  );
  // An empty class matches nothing, natively too.
  return `[${text.join("")}]`;
}

function byteSource(byte: number): string {
  const isAlphanumeric =
    (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
  return isAlphanumeric ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
}
