import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkerStats } from "../../observe/stats/definition.ts";
import { CLUSTER_STATS } from "../../observe/stats/tables/cluster.ts";
import type { Cluster } from "../../upstream/cluster.ts";
import { CodeStats } from "./code-stats.ts";

/** Numbers of histograms from here on are those of names that are not in the table. */
const DYNAMIC_HISTOGRAMS = 1000;

/** A cluster whose stats begin at 0; tells what was counted and recorded, by name. */
function counting(dynamic: boolean): { readonly codes: CodeStats; counted(): string[] } {
  const dynamicNames: string[] = [];
  const dynamicHistograms: string[] = [];
  const recorded: number[] = [];
  const stats: WorkerStats = {
    slots: new Float64Array(CLUSTER_STATS.slots + 20),
    record: (histogram) => void recorded.push(histogram),
    dynamicCounter(fullName) {
      if (!dynamicNames.includes(fullName)) dynamicNames.push(fullName);
      return CLUSTER_STATS.slots + dynamicNames.indexOf(fullName);
    },
    dynamicHistogram: (fullName) => DYNAMIC_HISTOGRAMS + dynamicHistograms.push(fullName) - 1,
  };
  const scope = { base: 0, histogramBase: 0, prefix: "cluster.c." };
  const cluster = { statsBase: 0, config: { scope } } as unknown as Cluster;
  return {
    codes: new CodeStats(stats, cluster, dynamic),
    counted() {
      const isHistogram = (index: number): boolean => CLUSTER_STATS.kinds[index] === "histogram";
      const fixed = CLUSTER_STATS.names.filter((name, index) =>
        isHistogram(index)
          ? recorded.includes(CLUSTER_STATS.at[name])
          : stats.slots[CLUSTER_STATS.at[name]] === 1,
      );
      return [
        ...fixed,
        ...dynamicNames.filter((_, index) => stats.slots[CLUSTER_STATS.slots + index] === 1),
        ...dynamicHistograms.filter((_, index) => recorded.includes(DYNAMIC_HISTOGRAMS + index)),
      ].sort();
    },
  };
}

void test("a response counts for all, for its origin, and for the canary when it comes from one", () => {
  const { codes, counted } = counting(true);
  codes.count(404, false, true, true);
  codes.time(7, false, true);
  const names = ["completed", "4xx", "time"].flatMap((name) =>
    ["", "external.", "canary."].map((group) => `${group}upstream_rq_${name}`),
  );
  const single = ["", "external.", "canary."].map((group) => `cluster.c.${group}upstream_rq_404`);
  assert.deepEqual(counted(), [...names, ...single].sort());
});

void test("a name that came with the request gets the same counters and times", () => {
  const { codes, counted } = counting(true);
  codes.countAlternative("alt", 200, true, false);
  codes.timeAlternative("alt", 7, true, false);
  const names = ["completed", "2xx", "200", "time"].flatMap((name) =>
    ["alt.", "alt.internal."].map((group) => `cluster.c.${group}upstream_rq_${name}`),
  );
  assert.deepEqual(counted(), names.sort());
});

void test("left out of the totals, a code still counts for its origin", () => {
  const { codes, counted } = counting(true);
  codes.count(503, false, false, false);
  const groups = ["completed", "5xx"].map((name) => `external.upstream_rq_${name}`);
  const expected = ["upstream_rq_completed", ...groups, "cluster.c.external.upstream_rq_503"];
  assert.deepEqual(counted(), expected.sort());
});

void test("without dynamic_stats nothing of it is counted", () => {
  const { codes, counted } = counting(false);
  codes.count(200, true, true, true);
  codes.countAlternative("alt", 200, true, true);
  codes.time(7, true, true);
  codes.timeAlternative("alt", 7, true, true);
  assert.deepEqual(counted(), []);
});
