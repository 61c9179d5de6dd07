import assert from "node:assert/strict";
import { test } from "node:test";
import { StatsStore } from "../../../observe/stats/store.ts";
import { REQUEST_STATS } from "../../../observe/stats/tables/request.ts";
import { WorkerStatsStore } from "../../../observe/stats/worker-store.ts";
import { StreamInfo } from "../../../observe/stream-info.ts";
import { buildRouteTable } from "../table.ts";
import { compileTable, NO_DEPS, request } from "../testing/route-table.ts";

const LIMITS = {
  statsSlotsMax: 200,
  statsDynamicSlotsMax: 20,
  statsHistogramsMax: 20,
  statsDynamicHistogramsMax: 1,
  statsHistogramWordsMax: 2000,
};

void test("a request counts for its virtual cluster and for its route", () => {
  const store = new StatsStore(LIMITS);
  const { config, problems } = compileTable(
    `virtual_hosts:
  - name: v
    domains: ["*"]
    virtual_clusters:
      - { name: posts, headers: [{ name: ":method", string_match: { exact: POST } }] }
      - { name: both, headers: [{ name: x-a }, { name: x-b }] }
    routes:
      - { match: { prefix: /named }, stat_prefix: named., route: { cluster: c } }
      - { match: { prefix: / }, route: { cluster: c } }
`,
    null,
    store,
  );
  assert.deepEqual(problems, []);
  const stats = new WorkerStatsStore(store.workerMemory(0), (announcement) =>
    store.announced(0, announcement),
  );
  const worker = { ...NO_DEPS.worker, stats };
  const table = buildRouteTable(config, { ...NO_DEPS, worker });
  const countAt = (prefix: string, stat: "upstream_rq_total" | "upstream_rq_2xx"): number =>
    store.counter(store.scope(prefix, REQUEST_STATS).base + REQUEST_STATS.at[stat]);

  const ask = (path: string, ...pairs: string[]): string => {
    const headers = request(path, ...pairs);
    const info = new StreamInfo();
    const counted = table.match(headers, info, 0)!.requestStats(headers, info)!;
    counted.countAttempt();
    counted.countCode(200);
    return info.virtualClusterName;
  };
  assert.equal(ask("/x", ":method", "POST"), "posts");
  assert.equal(ask("/x", "x-a", "1", "x-b", "1"), "both");
  assert.equal(ask("/x", "x-a", "1"), "");
  assert.equal(ask("/named", ":method", "POST"), "posts");
  assert.equal(ask("/named"), "");

  assert.equal(countAt("vhost.v.vcluster.posts.", "upstream_rq_total"), 2);
  assert.equal(countAt("vhost.v.vcluster.both.", "upstream_rq_total"), 1);
  assert.equal(countAt("vhost.v.vcluster.other.", "upstream_rq_total"), 2);
  assert.equal(countAt("vhost.v.route.named.", "upstream_rq_2xx"), 2);
  assert.equal(store.dynamicCounter("vhost.v.route.named.upstream_rq_200"), 2);
});

void test("a virtual cluster must have headers", () => {
  const { problems } = compileTable(
    "virtual_hosts: [{ name: v, domains: [a], virtual_clusters: [{ name: x }] }]",
  );
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /virtual_clusters\[0\].*: virtual clusters must define 'headers'/);
});
