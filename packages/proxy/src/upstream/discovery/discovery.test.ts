import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeSubscriptions } from "../../config/testing/fake-subscriptions.ts";
import type { ClusterDefinition, DnsConfig } from "../definition.ts";
import { definition, endpoint, locality } from "../testing/definitions.ts";
import { FakeRuntime } from "../testing/fake-runtime.ts";
import { fakeStats } from "../testing/fake-worker.ts";
import { createDiscovery } from "./create.ts";
import type { Discovery } from "./discovery.ts";
import type { EdsSupport } from "./eds.ts";

/** A discovery that runs; `events` is what it told. */
function start(cluster: ClusterDefinition): {
  runtime: FakeRuntime;
  events: string[];
  discovery: Discovery;
} {
  const runtime = new FakeRuntime();
  const events: string[] = [];
  const discovery = createDiscovery(
    cluster,
    {
      onHosts: (priority, hosts) =>
        events.push(`P${priority} ${hosts.map(({ address }) => address.text).join(" ")}`),
      onAssignment: () => events.push("assignment"),
      onInitialized: () => events.push("initialized"),
      onUpdate: (counter) => events.push(counter.slice("update_".length)),
    },
    runtime,
    NO_EDS,
  );
  discovery.start();
  return { runtime, events, discovery };
}

const NO_EDS: EdsSupport = {
  subscriptions: new FakeSubscriptions(),
  stats: fakeStats(),
  parentSource: undefined,
  setVersionText() {},
  compile: () => ({ error: "" }),
  compileEndpoint: () => ({ error: "" }),
  ledsScope: () => ({ base: 0, histogramBase: 0, prefix: "" }),
};

function strict(dns: Partial<DnsConfig> = {}, ...names: readonly string[]): ClusterDefinition {
  const endpoints = (names.length === 0 ? ["a.example"] : names).map((name) => endpoint(name));
  return definition([locality(endpoints)], { type: "STRICT_DNS", dns });
}

function logical(dns: Partial<DnsConfig> = {}): ClusterDefinition {
  return definition([locality([endpoint("a.example")])], { type: "LOGICAL_DNS", dns });
}

void test("static hosts are there at once, by priority, empty priorities too", () => {
  const { events, runtime } = start(
    definition([
      locality([endpoint("10.0.0.1")], { priority: 2 }),
      locality([endpoint("10.0.0.2"), endpoint("10.0.0.2")]),
    ]),
  );
  assert.deepEqual(events, ["P0 10.0.0.2:80 10.0.0.2:80", "P1 ", "P2 10.0.0.1:80", "initialized"]);
  assert.equal(runtime.nextMs, Infinity);
});

void test("strict DNS: every address is a host, and the question comes again after the refresh rate", () => {
  const { events, runtime } = start(strict());
  assert.deepEqual(events, ["attempt"]);
  runtime.answer("a.example", ["10.0.0.1", "::1", "10.0.0.1"]);
  assert.deepEqual(events.splice(0), [
    "attempt",
    "success",
    "P0 10.0.0.1:80 [::1]:80",
    "initialized",
  ]);
  assert.equal(runtime.nextMs, 5000);
  runtime.advance(5000);
  assert.deepEqual(events.splice(0), ["attempt"]);
  runtime.answer("a.example", ["::1", "10.0.0.1"]);
  assert.deepEqual(events.splice(0), ["success", "no_rebuild"], "another order is no change");
  runtime.advance(5000);
  runtime.answer("a.example", ["10.0.0.2"]);
  assert.deepEqual(events.splice(0), ["attempt", "success", "P0 10.0.0.2:80"]);
});

void test("strict DNS: a name that is gone loses its hosts, one that cannot be resolved keeps them", () => {
  const { events, runtime } = start(strict());
  runtime.answer("a.example", ["10.0.0.1"]);
  runtime.advance(5000);
  events.length = 0;
  runtime.answer("a.example", "failure");
  runtime.advance(5000);
  runtime.answer("a.example", []);
  assert.deepEqual(events, ["failure", "attempt", "success", "P0 "]);
});

void test("strict DNS: the first answer of any name is enough to start, a failure too", () => {
  const { events, runtime } = start(strict({}, "a.example", "b.example"));
  runtime.answer("b.example", "failure");
  assert.deepEqual(events.splice(0), ["attempt", "attempt", "failure", "initialized"]);
  runtime.answer("a.example", ["10.0.0.1"]);
  runtime.advance(5000);
  runtime.answer("b.example", ["10.0.0.1"]);
  assert.deepEqual(events.splice(0), [
    "success",
    "P0 10.0.0.1:80",
    "attempt",
    "attempt",
    "success",
    "P0 10.0.0.1:80 10.0.0.1:80",
  ]);
});

void test("strict DNS without any endpoint is ready at once", () => {
  assert.deepEqual(start(definition([], { type: "STRICT_DNS" })).events, ["initialized"]);
});

void test("strict DNS: names of other priorities are left alone", () => {
  const { events, runtime } = start(
    definition(
      [locality([endpoint("a.example")]), locality([endpoint("b.example")], { priority: 1 })],
      { type: "STRICT_DNS" },
    ),
  );
  runtime.answer("b.example", ["10.0.0.2"]);
  runtime.answer("a.example", ["10.0.0.1"]);
  assert.deepEqual(
    events.filter((event) => event.startsWith("P")),
    ["P1 10.0.0.2:80", "P0 10.0.0.1:80"],
  );
});

void test("logical DNS: one host at the first address, which an empty answer does not take away", () => {
  const { events, runtime } = start(logical());
  runtime.answer("a.example", ["10.0.0.1", "10.0.0.2"]);
  runtime.advance(5000);
  runtime.answer("a.example", []);
  runtime.advance(5000);
  runtime.answer("a.example", ["10.0.0.2", "10.0.0.1"]);
  assert.equal(
    events.join(", "),
    "attempt, success, P0 10.0.0.1:80, initialized, " +
      "attempt, success, empty, " +
      "attempt, success, P0 10.0.0.2:80",
  );
});

void test("a logical name that cannot be resolved does not hold up the start", () => {
  const { events, runtime } = start(logical());
  runtime.answer("a.example", "failure");
  assert.deepEqual(events, ["attempt", "failure", "initialized"]);
});

for (const make of [strict, logical]) {
  void test(`${make.name} DNS: the time to live of the answer decides where it is respected`, () => {
    const { runtime } = start(make({ respectTtl: true, minRefreshRateMs: 2000 }));
    runtime.answer("a.example", ["10.0.0.1"], 30);
    assert.equal(runtime.nextMs, 30_000);
    runtime.advance(30_000);
    runtime.answer("a.example", ["10.0.0.1"], 1);
    assert.equal(runtime.nextMs, 2000, "no less than the minimum");
    runtime.advance(2000);
    runtime.answer("a.example", ["10.0.0.1"], 0);
    assert.equal(runtime.nextMs, 5000, "0 is not known");
    runtime.advance(5000);
    runtime.answer("a.example", []);
    assert.equal(runtime.nextMs, 5000);
  });

  void test(`${make.name} DNS: jitter comes on top of an answer's wait`, () => {
    const { runtime } = start(make({ jitterMs: 1000 }));
    runtime.dice = 0.25;
    runtime.answer("a.example", ["10.0.0.1"]);
    assert.equal(runtime.nextMs, 5250);
  });

  void test(`${make.name} DNS: failures back off up to the limit, and an answer resets that`, () => {
    const { runtime } = start(make({ failureBackoff: { baseMs: 1000, maxMs: 3000 } }));
    runtime.dice = 0.5;
    for (const wait of [500, 1000, 1500, 1500]) {
      runtime.answer("a.example", "failure");
      assert.equal(runtime.nextMs, wait);
      runtime.advance(wait);
    }
    runtime.answer("a.example", ["10.0.0.1"]);
    runtime.advance(5000);
    runtime.answer("a.example", "failure");
    assert.equal(runtime.nextMs, 500);
  });

  void test(`${make.name} DNS: nothing is asked and nothing told after a stop`, () => {
    const asking = start(make());
    asking.discovery.stop();
    assert.deepEqual(asking.runtime.questions, []);
    const waiting = start(make());
    waiting.runtime.answer("a.example", ["10.0.0.1"]);
    waiting.discovery.stop();
    assert.equal(waiting.runtime.nextMs, Infinity);
  });
}
