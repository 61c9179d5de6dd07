import type { Histogram } from "../histogram.ts";
import type { StatQuery, StatView } from "../stat-view.ts";
import type { FlushedHistogram } from "../store.ts";
import { inChunks } from "./chunks.ts";
import { countsAt, detailsOf, PERCENTILES, quantilesOf } from "./histogram-buckets.ts";
import type { HistogramBuckets } from "./histogram-buckets.ts";
import { jsonNumber, wholeNumber } from "./numbers.ts";

/** /stats?format=json: `{"stats":[{"name":…,"value":…},…,{"histograms":…}]}`. */
export function renderJson(
  view: StatView,
  query: StatQuery,
  buckets: HistogramBuckets,
): Generator<string> {
  return inChunks(pieces(view, query, buckets));
}

function* pieces(view: StatView, query: StatQuery, buckets: HistogramBuckets): Generator<string> {
  let separator = "";
  yield '{"stats":[';
  for (const [name, value] of view.textReadouts(query)) {
    yield `${separator}{"name":${JSON.stringify(name)},"value":${JSON.stringify(value)}}`;
    separator = ",";
  }
  for (const ref of view.sorted("scalars", query)) {
    if (ref === null) {
      yield "";
      continue;
    }
    yield `${separator}{"name":${JSON.stringify(ref.fullName)},"value":${wholeNumber(view.value(ref))}}`;
    separator = ",";
  }
  let opened = false;
  for (const ref of view.sorted("histograms", query)) {
    if (ref === null) {
      yield "";
      continue;
    }
    yield opened ? "," : `${separator}{"histograms":${opening(buckets)}`;
    opened = true;
    const bounds = view.settings.bucketsFor(ref.fullName);
    yield `{"name":${JSON.stringify(ref.fullName)},${histogramJson(view.histogram(ref), buckets, bounds)}}`;
  }
  if (opened) yield closing(buckets);
  yield "]}";
}

function opening(buckets: HistogramBuckets): string {
  const quantiles = `[${PERCENTILES.join(",")}]`;
  if (buckets === "summary") return `{"supported_quantiles":${quantiles},"computed_quantiles":[`;
  if (buckets === "detailed") return `{"supported_percentiles":${quantiles},"details":[`;
  return "[";
}

function closing(buckets: HistogramBuckets): string {
  return buckets === "summary" || buckets === "detailed" ? "]}}" : "]}";
}

function histogramJson(
  flushed: FlushedHistogram,
  buckets: HistogramBuckets,
  bounds: readonly number[],
): string {
  const { interval, cumulative } = flushed;
  switch (buckets) {
    case "summary":
      return `"values":${quantilesJson(flushed)}`;
    case "detailed":
      return (
        `"totals":${detailsJson(cumulative)},"intervals":${detailsJson(interval)},` +
        `"percentiles":${quantilesJson(flushed)}`
      );
    default: {
      const disjoint = buckets === "disjoint";
      const intervals = countsAt(interval, bounds, disjoint);
      const totals = countsAt(cumulative, bounds, disjoint);
      const list = bounds.map(
        (bound, i) =>
          `{"upper_bound":${jsonNumber(bound)},"interval":${intervals[i]},"cumulative":${totals[i]}}`,
      );
      return `"buckets":[${list.join(",")}]`;
    }
  }
}

function quantilesJson({ interval, cumulative }: FlushedHistogram): string {
  const intervals = quantilesOf(interval);
  const totals = quantilesOf(cumulative);
  const list = intervals.map(
    (value, i) => `{"cumulative":${jsonNumber(totals[i]!)},"interval":${jsonNumber(value)}}`,
  );
  return `[${list.join(",")}]`;
}

function detailsJson(histogram: Histogram): string {
  const list = detailsOf(histogram).map(
    ([lower, width, count]) =>
      `{"lower_bound":${jsonNumber(lower)},"width":${jsonNumber(width)},"count":${count}}`,
  );
  return `[${list.join(",")}]`;
}
