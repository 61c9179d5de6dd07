import type { HistogramBuckets } from "../../../observe/stats/render/histogram-buckets.ts";
import { renderJson } from "../../../observe/stats/render/json.ts";
import { renderText } from "../../../observe/stats/render/text.ts";
import type { StatQuery, StatType } from "../../../observe/stats/stat-view.ts";
import { JSON_TYPE, text } from "../handler.ts";
import type { AdminHandler, AdminParam, AdminReply } from "../handler.ts";
import type { AdminStats } from "../providers.ts";
import { compileRegex } from "../regex.ts";

const USED_ONLY: AdminParam = {
  id: "usedonly",
  help: "Only include stats that have been written by system since restart",
};
const FILTER: AdminParam = {
  id: "filter",
  help: "Regular expression (Google re2) for filtering stats",
};
const INVERT_FILTER: AdminParam = { id: "invert_filter", help: "Invert the filter regex" };
const TYPES: readonly StatType[] = ["All", "Counters", "Histograms", "Gauges", "TextReadouts"];
const BUCKETS: readonly HistogramBuckets[] = ["cumulative", "disjoint", "detailed", "summary"];

export const stats: AdminHandler = {
  path: "/stats",
  help: "print server stats",
  mutates: false,
  params: [
    USED_ONLY,
    FILTER,
    INVERT_FILTER,
    { id: "format", help: "Format to use", values: ["text", "json", "prometheus"] },
    { id: "type", help: "Stat types to include.", values: TYPES },
    { id: "histogram_buckets", help: "Histogram bucket display mode", values: BUCKETS },
  ],
  handle: ({ params }, providers) => {
    const query = parseStatQuery(params);
    if ("status" in query) return query;
    const format = params.get("format") || "text";
    if (format === "prometheus") return prometheusReply(params, query, providers.stats);
    const buckets = (params.get("histogram_buckets") || "summary") as HistogramBuckets | "none";
    if (buckets !== "none" && !BUCKETS.includes(buckets)) {
      return text(`usage: /stats?histogram_buckets=(${BUCKETS.join("|")})\n\n`, 400);
    }
    const mode = buckets === "none" ? "summary" : buckets;
    const { view } = providers.stats;
    switch (format) {
      case "text":
        view.store.refresh();
        return text(renderText(view, query, mode));
      case "json":
        view.store.refresh();
        return { status: 200, contentType: JSON_TYPE, body: renderJson(view, query, mode) };
      default:
        return text("usage: /stats?format=(json|prometheus|text)\n\n", 400);
    }
  },
};

export const statsPrometheus: AdminHandler = {
  path: "/stats/prometheus",
  help: "print server stats in prometheus format",
  mutates: false,
  params: [
    USED_ONLY,
    {
      id: "text_readouts",
      help: "Render text_readouts as new gaugues with value 0 (increases Prometheus data size)",
    },
    FILTER,
    INVERT_FILTER,
    {
      id: "histogram_buckets",
      help: "Histogram bucket display mode",
      values: ["cumulative", "summary"],
    },
  ],
  handle: ({ params }, providers) => {
    const query = parseStatQuery(params);
    return "status" in query ? query : prometheusReply(params, query, providers.stats);
  },
};

/** Prometheus output takes all types, whatever `type` says, as in Envoy. */
function prometheusReply(
  params: ReadonlyMap<string, string>,
  query: StatQuery,
  { view, prometheus }: AdminStats,
): AdminReply {
  const histograms = params.get("histogram_buckets") || "cumulative";
  if (histograms !== "cumulative" && histograms !== "summary") {
    return text("unsupported prometheus histogram bucket mode", 400);
  }
  view.store.refresh();
  const options = { textReadouts: params.has("text_readouts"), histograms } as const;
  return text(prometheus.render({ ...query, type: "All" }, options));
}

function parseStatQuery(params: ReadonlyMap<string, string>): StatQuery | AdminReply {
  const type = (params.get("type") || "All") as StatType;
  if (!TYPES.includes(type)) return text("invalid &type= param", 400);
  const pattern = params.get("filter") ?? "";
  const regex = compileRegex(pattern);
  if (!regex.ok) return text(`Invalid re2 regex: ${regex.error}`, 400);
  const invert = params.has("invert_filter");
  const filter = pattern === "" ? null : (name: string) => regex.find(name) !== invert;
  return { usedOnly: params.has("usedonly"), filter, type };
}
