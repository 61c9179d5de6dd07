import { RE2JS } from "re2js";

/** An RE2 expression, or RE2's words for what is wrong with it. */
export type CompiledRegex =
  | { readonly ok: true; find(text: string): boolean; matches(text: string): boolean }
  | { readonly ok: false; readonly error: string };

/** Compiles what a client sent. Linear in time whatever it is. */
export function compileRegex(pattern: string): CompiledRegex {
  // Most filters are plain words; searching those needs no engine.
  if (/^\w+$/.test(pattern)) {
    return {
      ok: true,
      find: (text) => text.includes(pattern),
      matches: (text) => text === pattern,
    };
  }
  try {
    const regex = RE2JS.compile(pattern);
    return {
      ok: true,
      find: (text) => regex.matcher(text).find(),
      matches: (text) => regex.matches(text),
    };
  } catch (error) {
    return { ok: false, error: re2Words((error as Error).message) };
  }
}

/** The engine's messages and those of RE2 in C++, which Envoy shows. */
const WORDS: readonly (readonly [string, string])[] = [
  ["missing closing )", "missing )"],
  ["missing closing ]", "missing ]"],
  ["missing argument to repetition operator", "no argument for repetition operator"],
  ["invalid nested repetition operator", "bad repetition operator"],
  ["invalid named capture", "invalid named capture group"],
  ["invalid repeat count", "invalid repetition size"],
  ["invalid or unsupported Perl syntax", "invalid perl operator"],
];

/** ``error parsing regexp: missing closing ): `(` `` becomes `missing ): (`. */
function re2Words(message: string): string {
  let words = message.replace(/^error parsing regexp: /, "").replace(/`([^]*)`$/, "$1");
  for (const [ours, theirs] of WORDS) {
    if (words.startsWith(ours)) words = theirs + words.slice(ours.length);
  }
  return words;
}
