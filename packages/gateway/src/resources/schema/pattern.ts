import { RE2JS } from "re2js";

// Patterns are RE2's. JavaScript's own engine means the same by what is left after `translated`, and is eight times as
// fast; but it goes back and forth, for ever in a pattern with a repeat at the end of a repeat.
const nestedRepeat = /[*+]\)[*+{]/;
const shortText = 16;

/** A regular expression of RE2 as a function, which takes time linear in the text. It matches anywhere in the text. */
export function compilePattern(source: string): (text: string) => boolean {
  const native = translated(source);
  let re2: RE2JS | undefined;
  const exact = (text: string): boolean => (re2 ??= RE2JS.compile(source)).test(text);
  if (native === undefined) return exact;
  if (!nestedRepeat.test(source)) return (text) => native.test(text);
  return (text) => (text.length <= shortText ? native.test(text) : exact(text));
}

/** The same for JavaScript's engine, or undefined where it has no such syntax. */
function translated(source: string): RegExp | undefined {
  const insensitive = /^\^?\(\?i\)/.test(source);
  const rest = insensitive ? source.replace("(?i)", "") : source;
  // Flags, names and classes that the engines write or mean differently.
  if (
    /\(\?(?!:)|\\[^\w.*+?^$()[\]{}|/\\-]|\\[QEAzCpPbBdDsSwWvu0-9]|\[\[:|\./.test(withoutDots(rest))
  )
    return undefined;
  try {
    return new RegExp(rest, insensitive ? "i" : "");
  } catch {
    return undefined;
  }
}

/** Dots that are escaped or in a class mean the same to both. */
function withoutDots(source: string): string {
  return source.replace(/\\\./g, "").replace(/\[(?:\\.|[^\]\\])*\]/g, "[]");
}
