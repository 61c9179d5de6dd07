import assert from "node:assert/strict";
import { test } from "node:test";
import { CarriedStats, snapshotStats, type StatsSnapshot } from "./carried-stats.ts";
import { StatsStore } from "./store.ts";
import { LISTENER_MANAGER_STATS } from "./tables/listener-manager.ts";
import { LISTENER_STATS } from "./tables/listener.ts";

const CX = LISTENER_STATS.at;

/** As it comes out of the other process. */
function throughJson(snapshot: StatsSnapshot): StatsSnapshot {
  return JSON.parse(JSON.stringify(snapshot)) as StatsSnapshot;
}

function process(total: number, active: number): StatsStore {
  const store = new StatsStore();
  const { base } = store.scope("listener.a.", LISTENER_STATS);
  store.main.slots[base + CX.downstream_cx_total] = total;
  store.main.slots[base + CX.downstream_cx_active] = active;
  return store;
}

function values(store: StatsStore): readonly [total: number, active: number] {
  const { base } = store.scope("listener.a.", LISTENER_STATS);
  return [
    store.counter(base + CX.downstream_cx_total),
    store.gauge(base + CX.downstream_cx_active),
  ];
}

void test("counters go on from where the process before was, and gauges of open things add up", () => {
  const old = process(100, 4);
  const store = process(5, 2);
  const carried = new CarriedStats(store);
  carried.apply(throughJson(snapshotStats(old)));
  assert.deepEqual(values(store), [105, 6]);
  assert.equal(carried.listenerSum("downstream_cx_active"), 4);
  const { base } = old.scope("listener.a.", LISTENER_STATS);
  old.main.slots[base + CX.downstream_cx_total] = 103;
  old.main.slots[base + CX.downstream_cx_active] = 0;
  carried.apply(throughJson(snapshotStats(old)));
  assert.deepEqual(values(store), [108, 2], "a later snapshot takes the place of an earlier one");
});

void test("the end of that process leaves its counters and closes what it held open", () => {
  const store = process(5, 2);
  const carried = new CarriedStats(store);
  carried.apply(snapshotStats(process(100, 4)));
  carried.end();
  assert.deepEqual(values(store), [105, 2]);
});

void test("a third process gets the counters of both", () => {
  const second = process(5, 2);
  new CarriedStats(second).apply(snapshotStats(process(100, 0)));
  const third = process(1, 0);
  new CarriedStats(third).apply(snapshotStats(second));
  assert.deepEqual(values(third), [106, 2]);
});

void test("gauges that say how one process is stay its own", () => {
  const old = new StatsStore();
  const oldBase = old.scope("listener_manager.", LISTENER_MANAGER_STATS).base;
  const { at } = LISTENER_MANAGER_STATS;
  old.main.slots[oldBase + at.total_listeners_active] = 3;
  old.main.slots[oldBase + at.workers_started] = 1;
  old.main.slots[oldBase + at.listener_added] = 3;
  const store = new StatsStore();
  const { base } = store.scope("listener_manager.", LISTENER_MANAGER_STATS);
  new CarriedStats(store).apply(snapshotStats(old));
  assert.deepEqual(
    [at.total_listeners_active, at.workers_started].map((stat) => store.gauge(base + stat)),
    [0, 0],
  );
  assert.equal(store.counter(base + at.listener_added), 3);
});

void test("counters that appear with their first use come along, those of unknown scopes wait", () => {
  const old = process(7, 0);
  old.main.slots[old.main.dynamicCounter("cluster.x.upstream_rq_200")] = 9;
  const store = new StatsStore();
  const carried = new CarriedStats(store);
  carried.apply(snapshotStats(old));
  assert.equal(store.dynamicCounter("cluster.x.upstream_rq_200"), 9);
  assert.deepEqual(values(store), [0, 0]);
  carried.apply(snapshotStats(old));
  assert.deepEqual(values(store), [7, 0]);
});

void test("what is no stat of its kind here is left alone", () => {
  const store = process(5, 2);
  const carried = new CarriedStats(store);
  carried.apply({
    counters: { "listener.a.": { downstream_cx_active: 50, toString: 1, no_such_stat: 1 } },
    gauges: { "listener.a.": { downstream_cx_total: 50 } },
    dynamic: {},
  });
  assert.deepEqual(values(store), [5, 2]);
});
