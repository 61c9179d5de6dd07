/**
 * RE2's `\C` is any byte, and re2js does not know it; in byte strings `(?s:.)` is the same. The pattern without it.
 */
export function withoutAnyByte(pattern: string): string {
  if (!pattern.includes("\\C")) return pattern;
  return pattern.replace(/\\([\s\S])/g, (escape, letter: string) =>
    letter === "C" ? "(?s:.)" : escape,
  );
}
