import { stringify } from "yaml";
import type { CaseResult } from "../diff/compare-batch.ts";
import { renderReport } from "../diff/report.ts";
import type { RandomResult } from "./run-random.ts";
import type { Shrunk } from "./shrink/shrink.ts";

const LINE_WIDTH = 110;
/** One cause moves many stats; the first differences tell the most. */
const DIFFERENCES_SHOWN_MAX = 8;

/** The differences with their shrunk cases, as `diff/cases/*.yaml` has them, and the counts. */
export function renderRandomReport(result: RandomResult): string {
  const lines = result.found.filter(({ confirmed }) => confirmed).flatMap(renderCase);
  for (const { diffCase, differences, confirmed } of result.found) {
    if (!confirmed)
      lines.push(`differed once and not again: ${diffCase.name} (${differences[0]!.at})`);
  }
  const { seed, batches, configs, requests, refused, notImplemented, explained, differing } =
    result;
  lines.push(
    `seed ${seed}, ${batches} batches: ${configs} configurations (${refused} refused by both, ${notImplemented} not implemented), ` +
      `${requests} requests, ${differing} cases differ without an explanation, ${explained} differences explained`,
  );
  return lines.join("\n");
}

function renderCase({ diffCase, differences, minimal }: Shrunk): string[] {
  const shown: CaseResult = {
    name: `${diffCase.name}${minimal ? "" : " (not as small as can be)"}`,
    unexplained: differences.slice(0, DIFFERENCES_SHOWN_MAX),
    explained: [],
    notAgain: [],
  };
  const report = renderReport([shown], [], { left: "envoy", right: "nuncio" });
  const { name: _, ...fields } = diffCase;
  const yaml = stringify([{ name: "a name", ...fields }], {
    lineWidth: LINE_WIDTH,
    aliasDuplicateObjects: false,
  });
  const more = differences.length - DIFFERENCES_SHOWN_MAX;
  const rest = more > 0 ? [`  and ${more} more`] : [];
  return [...report.split("\n").slice(0, -1), ...rest, yaml];
}
