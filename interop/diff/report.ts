import type { CaseResult } from "./run-diff.ts";
import type { Explanation } from "./explanations.ts";

const VALUE_SHOWN_CHARS_MAX = 160;

/** A table of all differences, the counts per facet, and the sums. */
export function renderReport(
  results: readonly CaseResult[],
  unused: readonly Explanation[],
  names: { readonly left: string; readonly right: string },
): string {
  const failed = results.filter(({ unexplained }) => unexplained.length > 0);
  const lines: string[] = [];
  const width = Math.max(names.left.length, names.right.length);
  for (const { name, unexplained } of failed) {
    lines.push(name);
    for (const { at, left, right } of unexplained) {
      lines.push(`  ${at}`, `    ${names.left.padEnd(width)}  ${show(left)}`, `    ${names.right.padEnd(width)}  ${show(right)}`);
    }
  }
  lines.push(...commonFacets(failed));
  for (const { name, onceOnly } of results.filter((result) => result.onceOnly.length > 0)) {
    const first = onceOnly[0]!;
    const more = onceOnly.length > 1 ? `, and ${onceOnly.length - 1} more` : "";
    lines.push(`differed once and not again: ${name} (${first.at}: ${show(first.left)} / ${show(first.right)}${more})`);
  }
  for (const { reason, at } of unused) {
    lines.push(`explanation without a difference: ${[at].flat().join(", ")} (${reason})`);
  }
  const explained = results.reduce((sum, result) => sum + result.explained.length, 0);
  const differing = failed.reduce((sum, result) => sum + result.unexplained.length, 0);
  lines.push(
    `${names.left} and ${names.right}: ${results.length} compared, ${failed.length} differ ` +
      `(${differing} unexplained differences, ${explained} explained)`,
  );
  return lines.join("\n");
}

/** The facets that differ in most cases, so that one cause behind many cases is seen first. */
function commonFacets(failed: readonly CaseResult[]): string[] {
  const counts = new Map<string, number>();
  for (const { unexplained } of failed) {
    const facets = new Set(unexplained.map(({ at }) => at.replaceAll(/(client|response|request|connection)?\d+/g, "$1*")));
    for (const facet of facets) counts.set(facet, (counts.get(facet) ?? 0) + 1);
  }
  const common = [...counts].filter(([, count]) => count > 1).sort(([, a], [, b]) => b - a);
  if (common.length === 0) return [];
  return ["", "facets that differ in several cases:", ...common.slice(0, 30).map(([at, count]) => `  ${String(count).padStart(4)}  ${at}`), ""];
}

function show(value: string | null): string {
  if (value === null) return "-";
  const short = value.length > VALUE_SHOWN_CHARS_MAX ? `${value.slice(0, VALUE_SHOWN_CHARS_MAX)} …` : value;
  return short.replaceAll("\n", "\n      ");
}
