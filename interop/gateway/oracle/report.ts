import { yamlOf } from "../documents/scene.ts";
import type { Disagreement, OracleResult } from "./run-oracle.ts";

/** Documents that are printed whole. */
const SHOWN_MAX = 1;
const DIFFERENCES_MAX = 6;
/** The same in all documents. */
const ALWAYS_THERE = new Set(["Namespace", "Service", "EndpointSlice", "Secret", "ConfigMap"]);

/** What came of it, for people: counts, and what the translators do not agree on. */
export function renderOracle({ documents, refused, disagreements }: OracleResult): string {
  const counts = `${documents} documents, ${refused} refused by both, ${disagreements.length} differ`;
  const shown = disagreements.map((one, index) => render(one, index < SHOWN_MAX));
  return [counts, ...shown].join("\n");
}

/** How many differences each explanation was for, those that explained nothing first. */
export function renderExplanations({ explanations }: OracleResult): string {
  return explanations
    .toSorted((a, b) => a.explained - b.explained)
    .map(({ reason, explained }) => `${String(explained).padStart(7)}  ${reason.trim()}`)
    .join("\n");
}

function render({ document, differences }: Disagreement, isWhole: boolean): string {
  const lines = differences
    .slice(0, DIFFERENCES_MAX)
    .map(({ at, left, right }) => `  ${at}\n    original: ${left}\n    nuncio:   ${right}`);
  const more = differences.length - lines.length;
  const objects = document.objects.filter(({ kind }) => !ALWAYS_THERE.has(kind));
  return [
    `document ${document.name}:`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(isWhole ? [yamlOf(objects)] : []),
  ].join("\n");
}
