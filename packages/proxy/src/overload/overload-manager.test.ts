import assert from "node:assert/strict";
import { test } from "node:test";
import { StatsStore } from "../observe/stats/store.ts";
import type { ActionDefinition, OverloadUpdate } from "./model.ts";
import { OverloadManager } from "./overload-manager.ts";
import { createOverloadMemory } from "./overload-memory.ts";
import { resourceScope } from "./overload-stats.ts";
import { ShedPoint } from "./points.ts";

const PLAIN = { point: null, loadShed: false, timerMinimums: [], shrinkIntervalMs: null } as const;

/** A manager whose resources have the pressure that a test says, in a time that stands still. */
class Rig {
  readonly pressures = new Map<string, number | Error>();
  readonly posted: OverloadUpdate[] = [];
  readonly infos: string[] = [];
  collected = 0;
  released = 0;
  nowMs = 0;
  readonly store: StatsStore = new StatsStore();
  readonly values: Float64Array;
  readonly manager: OverloadManager;

  constructor(actions: readonly ActionDefinition[], ofMemory = false) {
    const memory = createOverloadMemory(1);
    this.values = new Float64Array(memory.values);
    const monitors = ["a", "b"].map((name) => ({
      kind: "injected_resource" as const,
      name,
      filename: "",
    }));
    const definition = { refreshIntervalMs: 1000, monitors, actions };
    this.manager = new OverloadManager(definition, {
      registry: this.store,
      stats: this.store.main,
      memory,
      createMonitor: ({ name }) => ({
        ofMemory,
        pressure: () => {
          const value = this.pressures.get(name) ?? 0;
          if (typeof value !== "number") throw value;
          return value;
        },
      }),
      post: (update) => this.posted.push(update),
      collectGarbage: () => this.collected++,
      releaseMemory: () => this.released++,
      info: (text) => this.infos.push(text),
      nowMs: () => this.nowMs,
    });
  }

  refresh(pressures: Readonly<Record<string, number | Error>>): void {
    for (const [name, value] of Object.entries(pressures)) this.pressures.set(name, value);
    this.manager.refresh();
  }
}

const threshold = (resource: string, value: number) =>
  ({ kind: "threshold", resource, value }) as const;

void test("an action is what the strongest of its triggers says", () => {
  const rig = new Rig([
    {
      ...PLAIN,
      name: "x",
      point: ShedPoint.StopAcceptingRequests,
      triggers: [
        { kind: "scaled", resource: "a", scalingThreshold: 0.5, saturationThreshold: 0.9 },
        threshold("b", 0.8),
      ],
    },
  ]);
  const value = (pressures: Record<string, number>): number => {
    rig.refresh(pressures);
    return rig.values[ShedPoint.StopAcceptingRequests]!;
  };
  assert.equal(value({ a: 0.5, b: 0.79 }), 0);
  assert.equal(value({ a: 0.6 }), Math.fround(0.25));
  assert.equal(value({ b: 0.8 }), 1);
  assert.equal(value({ b: 0.7, a: 0.89 }), Math.fround(0.975));
  assert.equal(value({ a: 0.9 }), 1);
  assert.equal(value({ a: 2 }), 1);
  assert.equal(value({ a: 0 }), 0);
  assert.deepEqual(rig.infos, [
    "overload action x became active",
    "overload action x became inactive",
    "overload action x became active",
    "overload action x became inactive",
  ]);
});

void test("a resource that cannot be measured keeps its pressure, and that is counted", () => {
  const rig = new Rig([
    {
      ...PLAIN,
      name: "x",
      point: ShedPoint.RejectIncomingConnections,
      triggers: [threshold("a", 0.8)],
    },
  ]);
  rig.refresh({ a: 0.9 });
  rig.refresh({ a: new Error("gone") });
  assert.equal(rig.values[ShedPoint.RejectIncomingConnections], 1);
  const { base } = resourceScope(rig.store, "a");
  assert.deepEqual([rig.store.gauge(base), rig.store.counter(base + 1)], [90, 1]);
  assert.ok(rig.infos.includes("failed to update resource a: gone"));
});

void test("workers are told of timeouts and of connections that may come again, when that changes", () => {
  const rig = new Rig([
    {
      ...PLAIN,
      name: "timeouts",
      timerMinimums: [null, { minTimeoutMs: 5 }, null, { minScale: 0.5 }],
      triggers: [
        { kind: "scaled", resource: "a", scalingThreshold: 0.5, saturationThreshold: 0.9 },
      ],
    },
    {
      ...PLAIN,
      name: "stop",
      point: ShedPoint.StopAcceptingConnections,
      triggers: [threshold("a", 0.95)],
    },
  ]);
  const at = (pressure: number): OverloadUpdate[] => {
    rig.posted.length = 0;
    rig.refresh({ a: pressure });
    assert.equal(rig.posted.length > 0, rig.posted.includes(rig.manager.update));
    return [...rig.posted];
  };
  assert.deepEqual(at(0.4), []);
  assert.deepEqual(at(0.9), [{ timerFactors: [1, 0, 1, 0, 1, 1], accepting: true }]);
  assert.deepEqual(at(0.94), []);
  assert.deepEqual(at(0.96), [{ timerFactors: [1, 0, 1, 0, 1, 1], accepting: false }]);
  assert.deepEqual(at(0.1), [{ timerFactors: [1, 1, 1, 1, 1, 1], accepting: true }]);
});

void test("as long as memory is short garbage is looked for, every ten seconds", () => {
  const actions = [{ ...PLAIN, name: "x", triggers: [threshold("a", 0.8)] }];
  const rig = new Rig(actions, true);
  for (const [nowMs, pressure, collected] of [
    [0, 0.7, 0],
    [1000, 0.9, 1],
    [2000, 0.9, 1],
    [11_000, 0.9, 2],
    [30_000, 0.7, 2],
    [31_000, 0.9, 3],
  ] as const) {
    rig.nowMs = nowMs;
    rig.refresh({ a: pressure });
    assert.equal(rig.collected, collected, `at ${nowMs}`);
  }
  assert.equal(rig.released, 2, "behind a collection, with the next refresh");
  const other = new Rig(actions, false);
  other.refresh({ a: 1 });
  assert.equal(other.collected, 0, "another resource than memory");
});

void test("shrink_heap collects with its own beat, and counts", () => {
  const name = "envoy.overload_actions.shrink_heap";
  const rig = new Rig([
    { ...PLAIN, name, shrinkIntervalMs: 2000, triggers: [threshold("a", 0.8)] },
  ]);
  const seen: number[] = [];
  for (const [nowMs, pressure] of [
    [1000, 1],
    [2000, 1],
    [3000, 1],
    [4000, 0.7],
    [6500, 1],
  ] as const) {
    rig.nowMs = nowMs;
    rig.refresh({ a: pressure });
    seen.push(rig.collected);
  }
  assert.deepEqual(seen, [0, 1, 1, 1, 2]);
  const entry = rig.store.scopes.find(({ table }) => table.names.includes("shrink_count"))!;
  assert.equal(entry.scope.prefix, `overload.${name}.`);
  assert.equal(rig.store.counter(entry.scope.base), 2);
});
