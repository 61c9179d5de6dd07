import type { CaseResult } from "./compare-batch.ts";
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
      const from = shownFrom(left, right);
      lines.push(`  ${at}`);
      lines.push(`    ${names.left.padEnd(width)}  ${show(left, from)}`);
      lines.push(`    ${names.right.padEnd(width)}  ${show(right, from)}`);
    }
  }
  lines.push(...commonFacets(failed));
  for (const { name, notAgain } of results.filter((result) => result.notAgain.length > 0)) {
    const first = notAgain[0]!;
    const more = notAgain.length > 1 ? `, and ${notAgain.length - 1} more` : "";
    lines.push(
      `differed, and not again: ${name} (${first.at}: ${show(first.left, 0)} / ${show(first.right, 0)}${more})`,
    );
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
    const facets = new Set(
      unexplained.map(({ at }) =>
        at.replaceAll(/(client|response|request|connection)?\d+/g, "$1*"),
      ),
    );
    for (const facet of facets) counts.set(facet, (counts.get(facet) ?? 0) + 1);
  }
  const common = [...counts].filter(([, count]) => count > 1).sort(([, a], [, b]) => b - a);
  if (common.length === 0) return [];
  return [
    "",
    "facets that differ in several cases:",
    ...common.slice(0, 30).map(([at, count]) => `  ${String(count).padStart(4)}  ${at}`),
    "",
  ];
}

/** Where in two long values the eye should start: shortly before they part. */
function shownFrom(left: string | null, right: string | null): number {
  if (
    left === null ||
    right === null ||
    Math.max(left.length, right.length) <= VALUE_SHOWN_CHARS_MAX
  )
    return 0;
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  return Math.max(0, same - 40);
}

function show(value: string | null, from: number): string {
  if (value === null) return "-";
  const end = from + VALUE_SHOWN_CHARS_MAX;
  return `${from > 0 ? "… " : ""}${value.slice(from, end)}${value.length > end ? " …" : ""}`.replaceAll(
    "\n",
    "\n      ",
  );
}
