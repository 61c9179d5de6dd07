import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { nodeCalled } from "../client/stream-rig.test-support.ts";
import type { StreamEvents } from "../client/stream-transport.ts";
import { ManualClock } from "../server/manual-clock.test-support.ts";
import { LoadReporter, type ClusterLoad, type LoadSource } from "./load-reporter.ts";
import {
  loadStatsSchemas,
  type LoadStatsRequest,
  type LoadStatsResponse,
} from "./load-stats-messages.ts";

/** Clusters whose requests are counted by the test. */
class Source implements LoadSource {
  /** By cluster: requests since the last look. */
  readonly counts = new Map<string, number>();
  readonly begun: string[] = [];
  byEndpoint: boolean | null = null;

  clusterNames(): Iterable<string> {
    return this.counts.keys();
  }

  begin(cluster: string): void {
    this.begun.push(cluster);
    if (this.counts.has(cluster)) this.counts.set(cluster, 0);
  }

  take(cluster: string, byEndpoint: boolean): ClusterLoad | null {
    this.byEndpoint = byEndpoint;
    const count = this.counts.get(cluster);
    if (count === undefined) return null;
    this.counts.set(cluster, 0);
    return { totalDroppedRequests: BigInt(count) };
  }

  add(cluster: string, count: number): void {
    this.counts.set(cluster, (this.counts.get(cluster) ?? 0) + count);
  }
}

/** A reporter whose streams end up in the test's hands. */
class Rig {
  readonly clock = new ManualClock();
  readonly source = new Source();
  readonly counted: string[] = [];
  readonly sent: LoadStatsRequest[] = [];
  readonly reporter: LoadReporter;
  connects = 0;
  closes = 0;
  events!: StreamEvents<LoadStatsResponse>;

  constructor() {
    const count = (name: string) => () => void this.counted.push(name);
    this.reporter = new LoadReporter({
      node: nodeCalled("n"),
      clock: this.clock,
      source: this.source,
      nextRetryMs: () => 5000,
      transport: {
        connect: (events) => {
          this.connects += 1;
          this.events = events;
          return { send: (one) => void this.sent.push(one), close: () => (this.closes += 1) };
        },
      },
      stats: {
        request: count("request"),
        response: count("response"),
        error: count("error"),
        retry: count("retry"),
      },
    });
  }

  answer(init: Partial<LoadStatsResponse>, intervalMs = 1000): void {
    const { $typeName: _name, ...fields } = init;
    this.events.onMessage(
      create(loadStatsSchemas().response, {
        ...fields,
        loadReportingInterval: durationFromMs(intervalMs),
      }),
    );
  }

  /** What was sent since the last call: clusters with their counts and intervals in milliseconds. */
  take(): string[] {
    return this.sent.splice(0).map(({ clusterStats }) =>
      clusterStats
        .map(({ clusterName, totalDroppedRequests, loadReportInterval: interval }) => {
          const ms = Number(interval!.seconds) * 1000 + interval!.nanos / 1e6;
          return `${clusterName} ${totalDroppedRequests} in ${ms}`;
        })
        .join(", "),
    );
  }
}

test("the server says which clusters, how often and how fine", () => {
  const rig = new Rig();
  rig.source.add("a", 7);
  rig.source.add("b", 7);
  rig.reporter.start();
  rig.events.onOpen();
  const [first] = rig.sent;
  assert.equal(first!.node!.id, "n");
  assert.deepEqual(first!.node!.clientFeatures, ["envoy.lrs.supports_send_all_clusters"]);
  assert.deepEqual(rig.take(), [""]);
  rig.answer({ clusters: ["a", "missing"], reportEndpointGranularity: true });
  // What was counted before anybody asked is not told.
  rig.source.add("a", 2);
  rig.clock.advance(999.5);
  assert.deepEqual(rig.take(), []);
  rig.clock.advance(0.5);
  assert.deepEqual(rig.take(), ["a 2 in 1000"]);
  assert.equal(rig.source.byEndpoint, true);
  rig.source.add("a", 3);
  rig.clock.advance(1000);
  assert.deepEqual(rig.take(), ["a 3 in 1000"]);
  assert.deepEqual(rig.source.begun, ["a", "missing"]);
  assert.deepEqual(rig.counted, ["response", "request", "response", "response"]);
});

test("another answer keeps what is counted of clusters that stay asked for", () => {
  const rig = new Rig();
  for (const name of ["a", "b"]) rig.source.add(name, 1);
  rig.reporter.start();
  rig.events.onOpen();
  rig.answer({ clusters: ["a"] });
  rig.source.add("a", 1);
  rig.source.add("b", 1);
  rig.clock.advance(600);
  rig.answer({ clusters: ["a", "b"] });
  rig.source.add("b", 4);
  rig.take();
  rig.clock.advance(1000);
  assert.deepEqual(rig.take(), ["a 1 in 1600, b 4 in 1000"]);
});

test("all clusters are those that there are at the last report", () => {
  const rig = new Rig();
  rig.source.add("a", 0);
  rig.reporter.start();
  rig.events.onOpen();
  rig.answer({ sendAllClusters: true });
  rig.source.add("late", 5);
  rig.take();
  rig.clock.advance(1000);
  assert.deepEqual(rig.take(), ["a 0 in 1000"]);
  rig.source.add("late", 2);
  rig.source.counts.delete("a");
  rig.clock.advance(1000);
  assert.deepEqual(rig.take(), ["late 2 in 1000"]);
});

test("without a stream counts go on, and the next one begins with them", () => {
  const rig = new Rig();
  rig.source.add("a", 0);
  rig.reporter.start();
  rig.events.onOpen();
  rig.answer({ clusters: ["a"] });
  rig.take();
  rig.events.onClose("gone");
  rig.source.add("a", 3);
  rig.clock.advance(4999);
  assert.equal(rig.connects, 1);
  rig.clock.advance(1);
  assert.equal(rig.connects, 2);
  rig.events.onOpen();
  assert.deepEqual(rig.take(), ["a 3 in 5000"]);
  // The interval that was asked for goes on without an answer.
  rig.clock.advance(1000);
  assert.deepEqual(rig.take(), ["a 0 in 1000"]);
  assert.deepEqual(
    rig.counted.filter((name) => name !== "response"),
    ["request", "error", "retry"],
  );
});

test("a stream that the server ends in good order is no error", () => {
  const rig = new Rig();
  rig.reporter.start();
  rig.events.onOpen();
  rig.events.onClose("the control plane ended the stream", false);
  rig.clock.advance(5000);
  assert.deepEqual(rig.counted, ["response", "retry"]);
});

test("closed, nothing is left", () => {
  const rig = new Rig();
  rig.reporter.start();
  rig.events.onOpen();
  rig.answer({ sendAllClusters: true }, 0);
  rig.take();
  rig.reporter.close();
  assert.deepEqual([rig.closes, rig.clock.timers], [1, 0]);
  rig.clock.advance(60_000);
  assert.deepEqual(rig.take(), []);
});
