import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { defineStats } from "../definition.ts";
import { EVERYTHING, StatView } from "../stat-view.ts";
import type { StatQuery } from "../stat-view.ts";
import { DEFAULT_BUCKETS, defaultStatsSettings } from "../stats-config.ts";
import { StatsStore } from "../store.ts";
import { WorkerStatsStore } from "../worker-store.ts";
import { renderJson } from "./json.ts";
import { PrometheusRenderer } from "./prometheus.ts";
import { renderText } from "./text.ts";

const CLUSTER = defineStats(
  {
    upstream_rq_total: "counter",
    upstream_rq_5xx: "counter",
    upstream_cx_active: "gauge",
    upstream_rq_time: "histogram",
    upstream_cx_length_ms: "histogram",
  },
  ["upstream_rq_5xx", "upstream_rq_time"],
);
const LISTENER = defineStats({ downstream_cx_total: "counter" });
const LISTENER_HTTP = defineStats({ downstream_rq_2xx: "counter" });

let view: StatView;

before(() => {
  const store = new StatsStore();
  const b = store.scope("cluster.b.", CLUSTER);
  const a = store.scope("cluster.a.", CLUSTER);
  // In order of names, the scope below lies within the one above.
  store.scope("listener.0.0.0.0_80.http.in.", LISTENER_HTTP);
  store.scope("listener.0.0.0.0_80.", LISTENER);
  const worker = new WorkerStatsStore(store.workerMemory(0), (one) => store.announced(0, one));
  worker.slots[a.base + CLUSTER.at.upstream_rq_total] = 12;
  worker.slots[b.base + CLUSTER.at.upstream_rq_5xx] = 2;
  worker.slots[b.base + CLUSTER.at.upstream_cx_active] = 3;
  worker.slots[worker.dynamicCounter("cluster.b.upstream_rq_503")] = 2;
  worker.slots[worker.dynamicCounter("zone.x")] = 1;
  worker.slots[worker.dynamicCounter("aaa.x")] = 1;
  for (const value of [0, 0, 0, 0, 0, 0, 1, 1, 1, 5]) {
    worker.record(a.histogramBase + CLUSTER.at.upstream_rq_time, value);
  }
  store.setTextReadout("control_plane.identifier", 'x"y');
  store.flush();
  store.flush();
  worker.record(a.histogramBase + CLUSTER.at.upstream_rq_time, 25);
  store.flush();
  view = new StatView(store, defaultStatsSettings());
});

function text(query: Partial<StatQuery> = {}): string {
  return [...renderText(view, { ...EVERYTHING, ...query }, "summary")].join("");
}

function prometheus(query: Partial<StatQuery> = {}, textReadouts = false): string {
  const options = { textReadouts, histograms: "cumulative" } as const;
  return [...new PrometheusRenderer(view).render({ ...EVERYTHING, ...query }, options)].join("");
}

describe("renderText", () => {
  it("sorts readouts, then counters and gauges, then histograms, by full name", () => {
    assert.equal(
      text(),
      `control_plane.identifier: "x"y"
aaa.x: 1
cluster.a.upstream_cx_active: 0
cluster.a.upstream_rq_total: 12
cluster.b.upstream_cx_active: 3
cluster.b.upstream_rq_503: 2
cluster.b.upstream_rq_5xx: 2
cluster.b.upstream_rq_total: 0
listener.0.0.0.0_80.downstream_cx_total: 0
listener.0.0.0.0_80.http.in.downstream_rq_2xx: 0
zone.x: 1
cluster.a.upstream_cx_length_ms: No recorded values
cluster.a.upstream_rq_time: P0(25.5,0) P25(25.5,0) P50(25.5,0) P75(25.5,1.075) P90(25.5,5.05) P95(25.5,25.5) P99(25.5,25.5) P99.5(25.5,25.5) P99.9(25.5,25.5) P100(25.5,25.5)
cluster.b.upstream_cx_length_ms: No recorded values
`,
    );
  });

  it("leaves out what was never used", () => {
    const names = text({ usedOnly: true })
      .trim()
      .split("\n")
      .map((line) => line.split(":")[0]);
    assert.deepEqual(names, [
      "control_plane.identifier",
      "aaa.x",
      "cluster.a.upstream_rq_total",
      "cluster.b.upstream_cx_active",
      "cluster.b.upstream_rq_503",
      "cluster.b.upstream_rq_5xx",
      "zone.x",
      "cluster.a.upstream_rq_time",
    ]);
  });

  it("filters by name and by type", () => {
    assert.equal(
      text({ filter: (name) => name.endsWith("total"), type: "Counters" }),
      "cluster.a.upstream_rq_total: 12\ncluster.b.upstream_rq_total: 0\n" +
        "listener.0.0.0.0_80.downstream_cx_total: 0\n",
    );
    assert.equal(text({ type: "TextReadouts" }), 'control_plane.identifier: "x"y"\n');
    assert.equal(text({ type: "Gauges", usedOnly: true }), "cluster.b.upstream_cx_active: 3\n");
    assert.match(text({ type: "Histograms" }), /^cluster\.a\.upstream_cx_length_ms: No/);
  });

  it("leaves out what the matcher rejects", () => {
    const settings = {
      ...defaultStatsSettings(),
      accepts: (name: string) => name.startsWith("zone"),
    };
    const lines = [...renderText(new StatView(view.store, settings), EVERYTHING, "summary")];
    assert.equal(lines.join(""), "zone.x: 1\n");
  });

  it("shows buckets", () => {
    const query = {
      ...EVERYTHING,
      filter: (name: string) => name === "cluster.a.upstream_rq_time",
    };
    const settings = { ...defaultStatsSettings(), bucketsFor: () => [0.5, 1, 10, 1_800_000] };
    const own = new StatView(view.store, settings);
    const show = (mode: "cumulative" | "disjoint" | "detailed"): string =>
      [...renderText(own, query, mode)].join("");
    assert.equal(
      show("cumulative"),
      "cluster.a.upstream_rq_time: B0.5(0,6) B1(0,9) B10(0,10) B1.8e+06(1,11)\n",
    );
    assert.equal(
      show("disjoint"),
      "cluster.a.upstream_rq_time: B0.5(0,6) B1(0,3) B10(0,1) B1.8e+06(1,1)\n",
    );
    assert.match(
      show("detailed"),
      /^cluster\.a\.upstream_rq_time:\n {2}totals=0,0:6, 1,0\.1:3, 5,0\.1:1, 25,1:1\n {2}intervals=25,1:1\n {2}summary=P0\(25\.5,0\)/,
    );
  });
});

describe("renderJson", () => {
  it("is JSON with scalars first and one object of histograms last", () => {
    const parsed = JSON.parse([...renderJson(view, EVERYTHING, "summary")].join("")) as {
      stats: { name?: string; value?: unknown; histograms?: unknown }[];
    };
    assert.deepEqual(parsed.stats[0], { name: "control_plane.identifier", value: 'x"y' });
    assert.deepEqual(parsed.stats[3], { name: "cluster.a.upstream_rq_total", value: 12 });
    const { histograms } = parsed.stats.at(-1) as {
      histograms: {
        supported_quantiles: number[];
        computed_quantiles: { name: string; values: unknown[] }[];
      };
    };
    assert.deepEqual(histograms.supported_quantiles, [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100]);
    assert.deepEqual(histograms.computed_quantiles[0]!.values[0], {
      cumulative: null,
      interval: null,
    });
    assert.deepEqual(histograms.computed_quantiles[1]!.values[3], {
      cumulative: 1.075,
      interval: 25.5,
    });
  });

  it("has each mode's shape", () => {
    const filter = (name: string): boolean => name === "cluster.a.upstream_rq_time";
    const show = (mode: "cumulative" | "disjoint" | "detailed"): unknown =>
      JSON.parse([...renderJson(view, { ...EVERYTHING, filter }, mode)].join(""));
    const buckets = (counts: number[], intervals: number[]): unknown => ({
      stats: [
        {
          histograms: [
            {
              name: "cluster.a.upstream_rq_time",
              buckets: DEFAULT_BUCKETS.map((upper_bound, i) => ({
                upper_bound,
                interval: intervals[Math.min(i, intervals.length - 1)],
                cumulative: counts[Math.min(i, counts.length - 1)],
              })),
            },
          ],
        },
      ],
    });
    assert.deepEqual(show("cumulative"), buckets([6, 9, 10, 10, 11], [0, 0, 0, 0, 1]));
    assert.deepEqual(show("disjoint"), buckets([6, 3, 1, 0, 1, 0], [0, 0, 0, 0, 1, 0]));
    const detailed = show("detailed") as {
      stats: [{ histograms: { details: [Record<string, unknown>] } }];
    };
    assert.deepEqual(detailed.stats[0].histograms.details[0]["intervals"], [
      { lower_bound: 25, width: 1, count: 1 },
    ]);
  });

  it("is complete when nothing matches", () => {
    const none = { ...EVERYTHING, filter: () => false };
    assert.equal([...renderJson(view, none, "summary")].join(""), '{"stats":[]}');
  });
});

describe("PrometheusRenderer", () => {
  it("groups by metric, with one TYPE line each", () => {
    const scalars = prometheus().split("# TYPE envoy_cluster_upstream_cx_length_ms histogram")[0];
    assert.equal(
      scalars,
      `# TYPE envoy_aaa_x counter
envoy_aaa_x{} 1
# TYPE envoy_cluster_upstream_rq counter
envoy_cluster_upstream_rq{envoy_response_code="503",envoy_cluster_name="b"} 2
# TYPE envoy_cluster_upstream_rq_total counter
envoy_cluster_upstream_rq_total{envoy_cluster_name="a"} 12
envoy_cluster_upstream_rq_total{envoy_cluster_name="b"} 0
# TYPE envoy_cluster_upstream_rq_xx counter
envoy_cluster_upstream_rq_xx{envoy_response_code_class="5",envoy_cluster_name="b"} 2
# TYPE envoy_listener_downstream_cx_total counter
envoy_listener_downstream_cx_total{envoy_listener_address="0.0.0.0_80"} 0
# TYPE envoy_listener_http_downstream_rq_xx counter
envoy_listener_http_downstream_rq_xx{envoy_response_code_class="2",envoy_http_conn_manager_prefix="in",envoy_listener_address="0.0.0.0_80"} 0
# TYPE envoy_zone_x counter
envoy_zone_x{} 1
# TYPE envoy_cluster_upstream_cx_active gauge
envoy_cluster_upstream_cx_active{envoy_cluster_name="a"} 0
envoy_cluster_upstream_cx_active{envoy_cluster_name="b"} 3
`,
    );
  });

  it("prints cumulative buckets, sum and count", () => {
    const lines = prometheus({ usedOnly: true, filter: (name) => name.includes("rq_time") }).split(
      "\n",
    );
    assert.equal(lines.length, 1 + 20 + 2 + 1);
    assert.deepEqual(
      [...lines.slice(0, 4), ...lines.slice(-5)],
      [
        "# TYPE envoy_cluster_upstream_rq_time histogram",
        'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="a",le="0.5"} 6',
        'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="a",le="1"} 9',
        'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="a",le="5"} 10',
        'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="a",le="3600000"} 11',
        'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="a",le="+Inf"} 11',
        'envoy_cluster_upstream_rq_time_sum{envoy_cluster_name="a"} 33.682558171783561817846930352971',
        'envoy_cluster_upstream_rq_time_count{envoy_cluster_name="a"} 11',
        "",
      ],
    );
  });

  it("prints quantiles of the last interval as a summary", () => {
    const query = { ...EVERYTHING, filter: (name: string) => name.includes("rq_time") };
    const options = { textReadouts: false, histograms: "summary" } as const;
    const lines = [...new PrometheusRenderer(view).render(query, options)].join("").split("\n");
    assert.equal(lines[0], "# TYPE envoy_cluster_upstream_rq_time summary");
    assert.equal(
      lines[9],
      'envoy_cluster_upstream_rq_time{envoy_cluster_name="a",quantile="0.999"} 25.5',
    );
    assert.equal(lines[12], 'envoy_cluster_upstream_rq_time_count{envoy_cluster_name="a"} 1');
  });

  it("prints text readouts as gauges when asked, with escapes", () => {
    assert.doesNotMatch(prometheus(), /control_plane/);
    assert.match(
      prometheus({}, true),
      /# TYPE envoy_control_plane_identifier gauge\nenvoy_control_plane_identifier\{text_value="x\\"y"\} 0\n/,
    );
  });

  it("keeps metrics together whose scopes differ in shape", () => {
    const store = new StatsStore();
    for (const name of ["z", "a.b", "a", "c.b"]) store.scope(`cluster.${name}.`, LISTENER);
    const own = new PrometheusRenderer(new StatView(store, defaultStatsSettings()));
    const options = { textReadouts: false, histograms: "cumulative" } as const;
    assert.equal(
      [...own.render(EVERYTHING, options)].join(""),
      `# TYPE envoy_cluster_b_downstream_cx_total counter
envoy_cluster_b_downstream_cx_total{envoy_cluster_name="a"} 0
envoy_cluster_b_downstream_cx_total{envoy_cluster_name="c"} 0
# TYPE envoy_cluster_downstream_cx_total counter
envoy_cluster_downstream_cx_total{envoy_cluster_name="a"} 0
envoy_cluster_downstream_cx_total{envoy_cluster_name="z"} 0
`,
    );
  });
});

describe("dynamic histograms", () => {
  it("stand among the others once they were used", () => {
    const store = new StatsStore();
    store.scope("cluster.a.", CLUSTER);
    store.scope("cluster.b.", CLUSTER);
    const worker = new WorkerStatsStore(store.workerMemory(0), (one) => store.announced(0, one));
    worker.record(worker.dynamicHistogram("cluster.a.grpc.s.M.upstream_rq_time"), 1);
    const own = new StatView(store, defaultStatsSettings());
    const histograms = { ...EVERYTHING, type: "Histograms" } as const;
    const names = (): (string | undefined)[] =>
      [...renderText(own, histograms, "summary")]
        .join("")
        .split("\n")
        .map((line) => line.split(":")[0])
        .filter((name) => name !== "");
    const expected = [
      "cluster.a.grpc.s.M.upstream_rq_time",
      "cluster.a.upstream_cx_length_ms",
      "cluster.b.upstream_cx_length_ms",
    ];
    assert.deepEqual(names(), expected);
    const usedOnly = { ...histograms, usedOnly: true };
    assert.equal([...renderText(own, usedOnly, "summary")].join(""), "");
    store.flush();
    assert.match([...renderText(own, usedOnly, "summary")].join(""), /^cluster\.a\.grpc\.s\.M\./);
    const options = { textReadouts: false, histograms: "cumulative" } as const;
    const lines = [...new PrometheusRenderer(own).render(usedOnly, options)].join("");
    assert.match(lines, /^# TYPE envoy_cluster_grpc_upstream_rq_time histogram\n/);
    assert.match(
      lines,
      /envoy_cluster_grpc_upstream_rq_time_count\{[^}]*envoy_cluster_name="a"[^}]*\} 1\n/,
    );
  });
});

describe("chunks", () => {
  it("come often enough with 2,000 clusters, also when a filter takes none", () => {
    const store = new StatsStore();
    for (let i = 0; i < 2000; i++) store.scope(`cluster.c${i}.`, CLUSTER);
    const many = new StatView(store, defaultStatsSettings());
    assert.ok([...renderText(many, EVERYTHING, "summary")].every((chunk) => chunk.length < 40_000));
    const nothing = [...renderText(many, { ...EVERYTHING, filter: () => false }, "summary")];
    assert.ok(nothing.length > 100);
    assert.equal(nothing.join(""), "");
  });
});
