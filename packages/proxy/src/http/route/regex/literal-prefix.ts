/**
 * The bytes that every whole match of a pattern begins with, as far as a glance tells: an index of many expressions
 * asks for all of them. Empty for a pattern with a choice in it.
 */
export function literalPrefix(pattern: string): string {
  if (pattern.includes("|")) return "";
  let prefix = "";
  let at = pattern.startsWith("^") ? 1 : 0;
  for (; at < pattern.length; at++) {
    const next = pattern[at]!;
    if (next === "\\") {
      const escaped = pattern[at + 1] ?? "";
      if (!PUNCTUATION.test(escaped)) return prefix;
      prefix += escaped;
      at++;
    } else if (SYNTAX.includes(next)) break;
    else prefix += next;
  }
  return OPTIONAL.includes(pattern[at] ?? " ") ? prefix.slice(0, -1) : prefix;
}

const SYNTAX = ".[](){}^$*+?";
/** Repetitions that take what is before them perhaps not once. */
const OPTIONAL = "*?{";
/** What a backslash makes literal, rather than a class, an anchor or a control character. */
const PUNCTUATION = /[!-/:-@[-`{-~]/;
