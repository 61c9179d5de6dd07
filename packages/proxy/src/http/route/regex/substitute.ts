import { RE2JS } from "re2js";
import { withoutAnyByte } from "./any-byte.ts";
import { nativeSearch } from "./native.ts";

/** `RegexMatchAndSubstitute` as plain data; both are byte strings. */
export interface SubstituteConfig {
  readonly pattern: string;
  readonly substitution: string;
}

/**
 * Replaces every match of a pattern by the substitution, as RE2's GlobalReplace: `\0` to `\9` stand for captures and
 * `\\` for a backslash; anything else behind a backslash ends the substitution there. A substitution that names a
 * group which the pattern does not have leaves the text as it is.
 */
export function buildSubstitute(config: SubstituteConfig): (text: string) => string {
  const pieces = parseSubstitution(config.substitution);
  const native = nativeSearch(config.pattern);
  const matches = native === null ? re2Matches(config.pattern) : nativeMatches(native);
  const highest = Math.max(0, ...pieces.filter((piece) => typeof piece === "number"));
  if (highest > matches.groups) return (text) => text;
  return (text) => substitute(text, matches, pieces);
}

type Piece = string | number;

function parseSubstitution(substitution: string): Piece[] {
  const pieces: Piece[] = [];
  let literal = "";
  for (let i = 0; i < substitution.length; i++) {
    const char = substitution[i]!;
    if (char !== "\\") {
      literal += char;
      continue;
    }
    const next = substitution[++i] ?? "";
    if (next === "\\") literal += next;
    else if (next >= "0" && next <= "9") {
      pieces.push(literal, Number(next));
      literal = "";
    } else break;
  }
  pieces.push(literal);
  return pieces;
}

/** One of the two engines. */
interface Matches {
  readonly groups: number;
  /** The leftmost match that begins at `from` or behind; null when there is none. */
  find(text: string, from: number): Match | null;
}

interface Match {
  readonly start: number;
  readonly end: number;
  /** Empty for a group that took no part. */
  group(index: number): string;
}

function substitute(text: string, matches: Matches, pieces: readonly Piece[]): string {
  let result = "";
  /** What is before it was copied or replaced. */
  let done = 0;
  let lastEnd = -1;
  for (let from = 0; from <= text.length;) {
    const match = matches.find(text, from);
    if (match === null) break;
    if (match.start === match.end && match.start === lastEnd) {
      // An empty match right behind another is none.
      from = match.start + 1;
      continue;
    }
    result += text.slice(done, match.start);
    for (const piece of pieces) result += typeof piece === "number" ? match.group(piece) : piece;
    done = lastEnd = match.end;
    from = match.end === match.start ? match.end + 1 : match.end;
  }
  return result + text.slice(done);
}

function nativeMatches(regex: RegExp): Matches {
  const groups = new RegExp(`${regex.source}|`).exec("")!.length - 1;
  return {
    groups,
    find(text, from) {
      regex.lastIndex = from;
      const found = regex.exec(text);
      if (found === null) return null;
      return {
        start: found.index,
        end: found.index + found[0].length,
        group: (index) => found[index] ?? "",
      };
    },
  };
}

function re2Matches(pattern: string): Matches {
  const re2 = RE2JS.compile(withoutAnyByte(pattern));
  return {
    groups: re2.groupCount(),
    find(text, from) {
      const matcher = re2.matcher(text);
      if (!matcher.find(from)) return null;
      return {
        start: matcher.start(),
        end: matcher.end(),
        group: (index) => matcher.group(index) ?? "",
      };
    },
  };
}
