import type { StatQuery, StatView } from "../stat-view.ts";
import type { FlushedHistogram } from "../store.ts";
import { inChunks } from "./chunks.ts";
import { countsAt, detailsOf, PERCENTILES, quantilesOf } from "./histogram-buckets.ts";
import type { HistogramBuckets } from "./histogram-buckets.ts";
import { shortest, sixDigits, wholeNumber } from "./numbers.ts";

/** /stats as text: a line per stat; text readouts, then counters and gauges, then histograms. */
export function renderText(
  view: StatView,
  query: StatQuery,
  buckets: HistogramBuckets,
): Generator<string> {
  return inChunks(lines(view, query, buckets));
}

function* lines(view: StatView, query: StatQuery, buckets: HistogramBuckets): Generator<string> {
  for (const [name, value] of view.textReadouts(query)) yield `${name}: "${value}"\n`;
  for (const ref of view.sorted("scalars", query)) {
    yield ref === null ? "" : `${ref.fullName}: ${wholeNumber(view.value(ref))}\n`;
  }
  for (const ref of view.sorted("histograms", query)) {
    if (ref === null) {
      yield "";
      continue;
    }
    const bounds = view.settings.bucketsFor(ref.fullName);
    yield `${ref.fullName}:${histogramText(view.histogram(ref), buckets, bounds)}\n`;
  }
}

function histogramText(
  { interval, cumulative }: FlushedHistogram,
  buckets: HistogramBuckets,
  bounds: readonly number[],
): string {
  if (cumulative.total === 0) return " No recorded values";
  switch (buckets) {
    case "summary":
      return ` ${summaryText({ interval, cumulative })}`;
    case "detailed": {
      const list = (histogram: typeof interval): string =>
        detailsOf(histogram)
          .map(([lower, width, count]) => `${sixDigits(lower)},${sixDigits(width)}:${count}`)
          .join(", ");
      return `\n  totals=${list(cumulative)}\n  intervals=${list(interval)}\n  summary=${summaryText({ interval, cumulative })}`;
    }
    default: {
      const disjoint = buckets === "disjoint";
      const intervals = countsAt(interval, bounds, disjoint);
      const totals = countsAt(cumulative, bounds, disjoint);
      return bounds
        .map((bound, i) => ` B${sixDigits(bound)}(${intervals[i]},${totals[i]})`)
        .join("");
    }
  }
}

function summaryText({ interval, cumulative }: FlushedHistogram): string {
  const intervals = quantilesOf(interval);
  const totals = quantilesOf(cumulative);
  return PERCENTILES.map(
    (percent, i) => `P${percent}(${shortest(intervals[i]!)},${shortest(totals[i]!)})`,
  ).join(" ");
}
