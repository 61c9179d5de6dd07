import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineStats, touchScope } from "./definition.ts";
import { DEFAULT_STATS_LIMITS, SPILL_SLOT } from "./memory.ts";
import { StatsExhaustedError, StatsStore } from "./store.ts";
import { WorkerStatsStore } from "./worker-store.ts";

const TABLE = defineStats(
  { total: "counter", active: "gauge", time: "histogram", late: "counter" },
  ["late"],
);
const LIMITS = {
  statsSlotsMax: 64,
  statsDynamicSlotsMax: 2,
  statsHistogramsMax: 7,
  statsDynamicHistogramsMax: 3,
  statsHistogramWordsMax: 300,
};

function twoWorkers(store: StatsStore): WorkerStatsStore[] {
  return [0, 1].map(
    (id) =>
      new WorkerStatsStore(store.workerMemory(id), (announcement) =>
        store.announced(id, announcement),
      ),
  );
}

describe("StatsStore", () => {
  it("gives the same slots for the same prefix and table, and others otherwise", () => {
    const store = new StatsStore(LIMITS);
    const a = store.scope("cluster.a.", TABLE);
    assert.equal(store.scope("cluster.a.", TABLE), a);
    const b = store.scope("cluster.b.", TABLE);
    assert.equal(b.base, a.base + 3);
    assert.equal(b.histogramBase, a.histogramBase + 1);
    const other = defineStats({ total: "counter" });
    assert.notEqual(store.scope("cluster.a.", other).base, a.base);
  });

  it("sums counters and gauges over workers and main", () => {
    const store = new StatsStore(LIMITS);
    const scope = store.scope("s.", TABLE);
    const [one, two] = twoWorkers(store);
    one!.slots[scope.base + TABLE.at.total]! += 3;
    two!.slots[scope.base + TABLE.at.total]! += 4;
    store.main.slots[scope.base + TABLE.at.total]! += 1;
    two!.slots[scope.base + TABLE.at.active]! += 2;
    assert.equal(store.counter(scope.base + TABLE.at.total), 8);
    assert.equal(store.gauge(scope.base + TABLE.at.active), 2);
  });

  it("knows a gauge that came back to 0 from one never used, in workers older and younger than the scope", () => {
    const store = new StatsStore(LIMITS);
    const before = store.scope("before.", TABLE);
    const [one, two] = twoWorkers(store);
    const after = store.scope("after.", TABLE);
    for (const scope of [before, after]) {
      const gauge = scope.base + TABLE.at.active;
      assert.equal(store.gaugeUsed(gauge), false);
      assert.ok(Object.is(store.gauge(gauge), 0));
      one!.slots[gauge]! += 1;
      one!.slots[gauge]! -= 1;
      assert.equal(store.gaugeUsed(gauge), true);
      assert.equal(store.gauge(gauge), 0);
    }
    assert.ok(Object.is(two!.slots[after.base + TABLE.at.active], -0));
  });

  it("shows a lazy counter once it is touched", () => {
    const store = new StatsStore(LIMITS);
    const scope = store.scope("s.", TABLE);
    const [one] = twoWorkers(store);
    const late = scope.base + TABLE.at.late;
    assert.equal(store.counterTouched(late), false);
    touchScope(one!, scope, TABLE);
    assert.equal(store.counterTouched(late), true);
    assert.equal(store.counterUsed(late), false);
    assert.ok(Object.is(store.counter(late), 0));
    assert.equal(store.counterTouched(scope.base + TABLE.at.total), false);
    one!.slots[late]! += 1;
    touchScope(one!, scope, TABLE);
    assert.equal(store.counter(late), 1);
  });

  it("merges dynamic counters by name", () => {
    const store = new StatsStore(LIMITS);
    const [one, two] = twoWorkers(store);
    one!.slots[one!.dynamicCounter("s.rq_200")]! += 1;
    two!.slots[two!.dynamicCounter("s.rq_404")]! += 1;
    two!.slots[two!.dynamicCounter("s.rq_200")]! += 5;
    assert.equal(one!.dynamicCounter("s.rq_200"), one!.dynamicCounter("s.rq_200"));
    assert.deepEqual([...store.dynamicNames()].sort(), ["s.rq_200", "s.rq_404"]);
    assert.equal(store.dynamicCounter("s.rq_200"), 6);
  });

  it("resets counters without touching the workers' slots", () => {
    const store = new StatsStore(LIMITS);
    const scope = store.scope("s.", TABLE);
    const [one] = twoWorkers(store);
    const total = scope.base + TABLE.at.total;
    one!.slots[total]! += 3;
    one!.slots[scope.base + TABLE.at.active]! += 3;
    one!.slots[one!.dynamicCounter("d")]! += 2;
    store.resetCounters();
    assert.equal(one!.slots[total], 3);
    assert.equal(store.counter(total), 0);
    assert.equal(store.counterUsed(total), true);
    assert.equal(store.gauge(scope.base + TABLE.at.active), 3);
    assert.equal(store.dynamicCounter("d"), 0);
    one!.slots[total] = 4;
    assert.equal(store.counter(total), 1);
  });

  it("gives a replaced worker its predecessor's counters, and zeroed gauges", () => {
    const store = new StatsStore(LIMITS);
    const scope = store.scope("s.", TABLE);
    const [one] = twoWorkers(store);
    one!.slots[scope.base + TABLE.at.total]! += 3;
    one!.slots[scope.base + TABLE.at.active]! += 3;
    const slot = one!.dynamicCounter("d");
    one!.slots[slot]! += 2;
    one!.record(scope.histogramBase, 5);
    const next = new WorkerStatsStore(store.workerMemory(0), (a) => store.announced(0, a));
    assert.equal(store.counter(scope.base + TABLE.at.total), 3);
    assert.equal(store.gauge(scope.base + TABLE.at.active), 0);
    assert.equal(store.gaugeUsed(scope.base + TABLE.at.active), true);
    assert.equal(next.dynamicCounter("d"), slot);
    assert.notEqual(next.dynamicCounter("e"), slot);
    next.record(scope.histogramBase, 7);
    store.flush();
    assert.equal(store.histogram(scope.histogramBase).cumulative.total, 2);
  });

  it("keeps interval and cumulative histograms apart", () => {
    const store = new StatsStore(LIMITS);
    const scope = store.scope("s.", TABLE);
    const [one, two] = twoWorkers(store);
    one!.record(scope.histogramBase, 5);
    two!.record(scope.histogramBase, 0);
    assert.equal(store.histogramUsed(scope.histogramBase), true);
    assert.equal(store.histogram(scope.histogramBase).cumulative.total, 0);
    store.flush();
    one!.record(scope.histogramBase, 5);
    store.flush();
    let read = store.histogram(scope.histogramBase);
    assert.equal(read.cumulative.total, 3);
    assert.deepEqual([read.interval.buckets, read.interval.counts], [[41], [1]]);
    store.flush();
    read = store.histogram(scope.histogramBase);
    assert.equal(read.cumulative.total, 3);
    assert.equal(read.interval.total, 0);
  });

  it("says which limit is reached when scopes do not fit", () => {
    const store = new StatsStore(LIMITS);
    for (let i = 0; i < 4; i++) store.scope(`s${i}.`, TABLE);
    assert.throws(
      () => store.scope("s4.", TABLE),
      (error) =>
        error instanceof StatsExhaustedError && error.message.includes("statsHistogramsMax"),
    );
    const counters = defineStats(
      Object.fromEntries([...Array(50).keys()].map((i) => [`c${i}`, "counter"])),
    );
    assert.throws(
      () => store.scope("big.", counters),
      (error) => error instanceof StatsExhaustedError && error.message.includes("statsSlotsMax"),
    );
  });

  it("counts dynamic stats that find no place nowhere, and warns once", () => {
    const warnings: string[] = [];
    const store = new StatsStore(LIMITS, (text) => warnings.push(text));
    const [one] = twoWorkers(store);
    one!.dynamicCounter("a");
    one!.dynamicCounter("b");
    assert.equal(one!.dynamicCounter("c"), SPILL_SLOT);
    assert.equal(one!.dynamicCounter("d"), SPILL_SLOT);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /statsDynamicSlotsMax/);
    assert.deepEqual([...store.dynamicNames()], ["a", "b"]);
  });

  it("sums dynamic histograms by name, hands them to a successor, and drops those beyond the limit", () => {
    const warnings: string[] = [];
    const store = new StatsStore({ ...LIMITS, statsHistogramWordsMax: 3000 }, (text) =>
      warnings.push(text),
    );
    const [one, two] = twoWorkers(store);
    one!.record(one!.dynamicHistogram("a"), 1);
    two!.record(two!.dynamicHistogram("b"), 7);
    two!.record(two!.dynamicHistogram("a"), 2);
    store.flush();
    assert.equal(store.dynamicHistogram("a").cumulative.total, 2);
    assert.equal(store.dynamicHistogram("b").cumulative.total, 1);
    one!.record(one!.dynamicHistogram("b"), 1);
    one!.record(one!.dynamicHistogram("c"), 1);
    one!.record(one!.dynamicHistogram("d"), 1);
    store.flush();
    assert.deepEqual([...store.dynamicHistogramNames()], ["a", "b"]);
    assert.equal(store.dynamicHistogram("a").interval.total, 0);
    assert.equal(store.dynamicHistogram("b").interval.total, 1);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /2 \(statsDynamicHistogramsMax less one\) are in use, "c"/);
    const next = new WorkerStatsStore(store.workerMemory(0), (a) => store.announced(0, a));
    assert.equal(next.dynamicHistogram("b"), one!.dynamicHistogram("b"));
  });

  it("drops values when histogram memory is full, and warns once", () => {
    const warnings: string[] = [];
    const store = new StatsStore(LIMITS, (text) => warnings.push(text));
    const scope = store.scope("s.", TABLE);
    const [one] = twoWorkers(store);
    for (const value of [1, 10, 100, 1000, 10_000]) one!.record(scope.histogramBase, value);
    store.flush();
    store.flush();
    assert.equal(store.histogram(scope.histogramBase).cumulative.total, 3);
    assert.deepEqual(warnings.length, 1);
    assert.match(warnings[0]!, /statsHistogramWordsMax/);
  });

  it("has defaults with room for 10,000 clusters", () => {
    assert.ok(
      DEFAULT_STATS_LIMITS.statsSlotsMax - DEFAULT_STATS_LIMITS.statsDynamicSlotsMax > 10_000 * 200,
    );
  });
});
