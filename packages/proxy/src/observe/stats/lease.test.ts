import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineStats } from "./definition.ts";
import type { StatsLimits } from "./memory.ts";
import { StatsStore } from "./store.ts";
import { WorkerStatsStore } from "./worker-store.ts";

const TABLE = defineStats({ total: "counter", active: "gauge", ms: "histogram" });
const OTHER = defineStats({ total: "counter" });

const LIMITS: StatsLimits = {
  statsSlotsMax: 40,
  statsDynamicSlotsMax: 8,
  statsHistogramsMax: 12,
  statsDynamicHistogramsMax: 4,
  statsHistogramWordsMax: 8192,
};

const unused = (): boolean => true;

/** A store with one worker, which hears what main forgets. */
class Rig {
  readonly store = new StatsStore(LIMITS, (text) => this.warnings.push(text));
  readonly worker: WorkerStatsStore;
  readonly warnings: string[] = [];

  constructor() {
    this.worker = new WorkerStatsStore(this.store.workerMemory(0), (announcement) =>
      this.store.announced(0, announcement),
    );
    this.store.onForget = (names) => this.worker.forget(names);
  }

  get prefixes(): string[] {
    return this.store.scopes.map(({ scope }) => scope.prefix);
  }
}

describe("a lease of scopes", () => {
  it("gives the scope that others have, and takes nobody's away", () => {
    const { store } = new Rig();
    const [a, b] = [store.lease(), store.lease()];
    assert.equal(a.scope("c.", TABLE), b.scope("c.", TABLE));
    assert.equal(a.scope("c.", TABLE), a.scope("c.", TABLE));
    assert.notEqual(a.scope("c.", OTHER).base, a.scope("c.", TABLE).base);
    a.release(unused);
    assert.deepEqual(
      store.scopes.map(({ scope, table }) => [scope.prefix, table === TABLE]),
      [["c.", true]],
    );
    b.release(unused);
    assert.deepEqual(store.scopes, []);
  });

  it("does not end what the registry itself has given", () => {
    const rig = new Rig();
    const lease = rig.store.lease();
    lease.scope("c.", TABLE);
    rig.store.scope("c.", TABLE);
    lease.release(unused);
    assert.deepEqual(rig.prefixes, ["c."]);
  });

  it("keeps the slots until they were found unused twice, and then hands them on as new", () => {
    const { store, worker } = new Rig();
    let busy = true;
    const lease = store.lease();
    const first = lease.scope("a.", TABLE);
    worker.slots[first.base + TABLE.at.total] = 7;
    worker.slots[first.base + TABLE.at.active] = 3;
    worker.record(first.histogramBase + TABLE.at.ms, 12);
    lease.release(() => !busy);
    const other = (): number => store.lease().scope(`${Math.random()}.`, TABLE).base;
    store.flush();
    assert.notEqual(other(), first.base, "it is in use");
    busy = false;
    store.flush();
    assert.notEqual(other(), first.base, "somebody may have looked away just then");
    store.flush();
    const again = store.lease().scope("b.", TABLE);
    assert.equal(again.base, first.base);
    assert.equal(again.prefix, "b.");
    assert.equal(store.counter(again.base + TABLE.at.total), 0);
    assert.equal(store.counterUsed(again.base + TABLE.at.total), false);
    assert.equal(store.gaugeUsed(again.base + TABLE.at.active), false);
    assert.equal(store.histogramUsed(again.histogramBase), false);
    store.flush();
    assert.equal(store.histogram(again.histogramBase).cumulative.total, 0);
    worker.record(again.histogramBase + TABLE.at.ms, 5);
    store.flush();
    assert.equal(store.histogram(again.histogramBase).cumulative.total, 1);
  });

  it("gives a scope back as it was while its slots are kept", () => {
    const { store, worker } = new Rig();
    const lease = store.lease();
    const { base } = lease.scope("a.", TABLE);
    worker.slots[base] = 7;
    lease.release(unused);
    store.flush();
    assert.equal(store.lease().scope("a.", TABLE).base, base);
    store.flush();
    store.flush();
    assert.equal(store.counter(base), 7);
    assert.equal(store.scopes.length, 1);
  });

  it("takes the stats along that came on first use, from main and workers", () => {
    const { store, worker } = new Rig();
    store.scope("cluster.b.", TABLE);
    const lease = store.lease();
    lease.scope("cluster.a.", TABLE);
    for (const name of ["cluster.a.rq_200", "cluster.b.rq_200"])
      worker.slots[worker.dynamicCounter(name)] = 1;
    worker.record(worker.dynamicHistogram("cluster.a.ms"), 100);
    const place = worker.dynamicCounter("cluster.a.rq_200");
    store.flush();
    assert.deepEqual([...store.dynamicHistogramNames()], ["cluster.a.ms"]);
    lease.release(unused);
    assert.deepEqual([...store.dynamicNames()], ["cluster.b.rq_200"], "out of sight at once");
    assert.deepEqual([...store.dynamicHistogramNames()], []);
    store.flush();
    store.flush();
    assert.equal(worker.dynamicCounter("cluster.d.rq_200"), place, "its place goes to another");
    assert.equal(worker.slots[place], 0);
    const histogram = worker.dynamicHistogram("cluster.d.ms");
    worker.record(histogram, 1);
    store.flush();
    assert.equal(store.dynamicHistogram("cluster.d.ms").cumulative.total, 1);
    assert.deepEqual([...store.dynamicNames()].sort(), ["cluster.b.rq_200", "cluster.d.rq_200"]);
  });

  it("tells the stats of a.b from those of a", () => {
    const { store, worker } = new Rig();
    const [a, ab] = [store.lease(), store.lease()];
    a.scope("cluster.a.", TABLE);
    ab.scope("cluster.a.b.", TABLE);
    worker.dynamicCounter("cluster.a.rq_200");
    worker.dynamicCounter("cluster.a.b.rq_200");
    a.release(unused);
    assert.deepEqual([...store.dynamicNames()], ["cluster.a.b.rq_200"]);
  });

  it("takes its text readouts along", () => {
    const { store } = new Rig();
    const lease = store.lease();
    lease.setTextReadout("cluster.a.version_text", "7");
    assert.equal(store.textReadouts.get("cluster.a.version_text"), "7");
    lease.release(unused);
    assert.deepEqual([...store.textReadouts], []);
  });

  it("lets 10,000 come and go in the place of four", () => {
    const { store, worker, warnings } = new Rig();
    for (let i = 0; i < 10_000; i++) {
      const lease = store.lease();
      const scope = lease.scope(`cluster.c${i}.`, TABLE);
      worker.slots[scope.base]! += 1;
      worker.record(scope.histogramBase, i);
      worker.slots[worker.dynamicCounter(`${scope.prefix}rq_200`)]! += 1;
      worker.record(worker.dynamicHistogram(`${scope.prefix}rq_ms`), i);
      lease.release(unused);
      store.flush();
    }
    store.flush();
    assert.deepEqual(warnings, []);
    assert.deepEqual(store.scopes, []);
    assert.equal(store.dynamicNames().size, 0);
  });
});
