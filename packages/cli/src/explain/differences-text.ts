import type { Difference, Paint } from "@nuncio/proxy";

/** Differences as lines: what, before and after. */
export function differencesText(
  title: string,
  differences: readonly Difference[],
  paint: Paint,
): string {
  if (differences.length === 0) return `${paint("bold", title)}: no difference\n`;
  const lines = differences.map((difference, index) => {
    const branch = index === differences.length - 1 ? "└─ " : "├─ ";
    return `${paint("dim", branch)}${differenceText(difference, paint)}\n`;
  });
  return `${paint("bold", title)}\n${lines.join("")}`;
}

function differenceText({ what, before, after }: Difference, paint: Paint): string {
  if (before === null) return paint("green", `+ ${what}: ${after}`);
  if (after === null) return paint("red", `- ${what}: ${before}`);
  return paint("yellow", `~ ${what}: ${before} → ${after}`);
}
