import assert from "node:assert/strict";
import { test } from "node:test";
import { typeUrlOf } from "../types/resource-type.ts";
import type { ConfigUpdate } from "./callbacks.ts";
import { deltaResponse, deltaRig, response, sotwRig } from "./stream-rig.test-support.ts";
import type { RecordedWatch } from "./stream-rig.test-support.ts";
import type { ControlPlaneStats } from "./stream-status.ts";

const CDS = typeUrlOf("CDS");
const EDS = typeUrlOf("EDS");

class RecordedStats implements ControlPlaneStats {
  readonly connected: boolean[] = [];
  pending = 0;
  enforced = 0;
  identifiers: string[] = [];

  setConnected(isConnected: boolean): void {
    this.connected.push(isConnected);
  }

  setPendingRequests(count: number): void {
    this.pending = count;
  }

  rateLimitEnforced(): void {
    this.enforced += 1;
  }

  setIdentifier(identifier: string): void {
    this.identifiers.push(identifier);
  }
}

test("a stream is asked for when something is wanted, and speaks when it is open", () => {
  const rig = sotwRig();
  assert.equal(rig.transport.streams.length, 0);
  rig.watch("CDS", ["*"]);
  assert.equal(rig.transport.streams.length, 1);
  assert.equal(rig.stream.status().state, "connecting");
  assert.deepEqual(rig.turn(), []);
  assert.deepEqual(rig.open(), ["CDS node []"]);
  assert.equal(rig.stream.status().state, "connected");
});

test("all types are on one stream; the first requests are in make-before-break order", () => {
  const rig = sotwRig();
  rig.watch("RDS", ["r"]);
  rig.watch("LDS", ["*"]);
  rig.watch("EDS", ["e"]);
  rig.watch("CDS", ["*"]);
  assert.deepEqual(rig.open(), ["CDS node []", "EDS [e]", "LDS []", "RDS [r]"]);
});

test("what an update makes its owner want is asked for once, after the answer", () => {
  const rig = sotwRig();
  const clusters = rig.watch("CDS", ["*"]);
  clusters.owner.onTold = ({ added }) => {
    for (const { name } of added) rig.watch("EDS", [name]);
  };
  rig.open();
  const answers = rig.respond(response("CDS", "1", "n1", ["a", "b", "c"]));
  assert.deepEqual(answers, ["CDS v=1 [] n=n1", "EDS [a,b,c]"]);
});

test("what is wanted one after the other is asked for once", () => {
  const rig = sotwRig();
  rig.watch("CDS", ["*"]);
  rig.open();
  for (const name of ["a", "b", "c"]) rig.watch("EDS", [name]);
  assert.deepEqual(rig.requests(), []);
  assert.deepEqual(rig.turn(), ["EDS [a,b,c]"]);
});

test("paused types wait until the last pause is over, others do not", () => {
  const rig = sotwRig();
  rig.watch("CDS", ["*"]);
  rig.watch("LDS", ["*"]);
  const first = rig.stream.pause([typeUrlOf("CDS")]);
  const second = rig.stream.pause([typeUrlOf("CDS"), typeUrlOf("RDS")]);
  assert.deepEqual(rig.open(), ["LDS node []"]);
  assert.deepEqual(rig.stream.status().pendingTypeUrls, [typeUrlOf("CDS")]);
  first();
  first();
  assert.deepEqual(rig.turn(), []);
  second();
  assert.deepEqual(rig.turn(), ["CDS []"]);
});

test("a stream that ends is opened again, after a wait that doubles up to a bound", () => {
  const rig = sotwRig();
  rig.watch("CDS", ["*"]);
  const waits: number[] = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    rig.transport.last.events.onClose("refused");
    const { nextAttemptAtMs, state } = rig.stream.status();
    assert.equal(state, "waiting");
    waits.push(nextAttemptAtMs! - rig.clock.nowMs());
    rig.clock.advance(waits.at(-1)! - 1);
    assert.equal(rig.transport.streams.length, attempt + 1);
    rig.clock.advance(1);
    assert.equal(rig.transport.streams.length, attempt + 2);
  }
  // Half of 500 ms, 1 s, 2 s ... 30 s: the random number is 0.5.
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
});

test("only a response makes the wait short again", () => {
  const rig = sotwRig();
  rig.watch("CDS", ["*"]);
  const wait = (): number => {
    rig.transport.last.events.onClose("gone");
    const ms = rig.stream.status().nextAttemptAtMs! - rig.clock.nowMs();
    rig.clock.advance(ms);
    return ms;
  };
  assert.deepEqual([wait(), wait()], [250, 500]);
  rig.open();
  assert.equal(wait(), 1000, "a stream that was opened and closed has not helped");
  rig.open();
  rig.respond(response("CDS", "1", "n1", []));
  assert.equal(wait(), 250);
});

test("owners hear that the control plane is gone, and keep what they have", () => {
  const stats = new RecordedStats();
  const rig = sotwRig({ stats });
  const { owner } = rig.watch("CDS", ["*"]);
  rig.open();
  rig.respond(response("CDS", "1", "n1", ["a"]));
  rig.clock.advance(1000);
  rig.transport.last.events.onClose("unavailable: gone");
  assert.deepEqual(owner.failures, ["unavailable: gone"]);
  assert.equal(owner.counts.failure, 1);
  assert.deepEqual(owner.take(), ["+a@1"]);
  assert.deepEqual(stats.connected, [true, false]);
  const { lastDisconnect, connectedSinceMs } = rig.stream.status();
  assert.deepEqual(lastDisconnect, { reason: "unavailable: gone", atMs: 1000 });
  assert.equal(connectedSinceMs, null);
});

test("an owner that throws when the control plane is gone keeps it from nobody else", () => {
  const rig = sotwRig();
  const first = rig.watch("CDS", ["*"]).owner;
  const second = rig.watch("CDS", ["a"]).owner;
  first.onConnectionFailure = () => {
    throw new Error("broken");
  };
  rig.open();
  rig.transport.last.events.onClose("gone");
  assert.deepEqual(second.failures, ["gone"]);
  assert.throws(() => rig.turn(), /broken/, "it is not swallowed");
  rig.clock.advance(30_000);
  assert.equal(rig.transport.streams.length, 2);
});

test("events of a stream that is over are nobody's", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  rig.open();
  const old = rig.transport.last;
  rig.reconnect();
  old.events.onMessage(response("CDS", "1", "n1", ["a"]));
  old.events.onClose("again");
  assert.deepEqual(owner.take(), []);
  assert.equal(rig.transport.streams.length, 2);
  assert.equal(rig.stream.status().state, "connected");
});

test("a response of a type that nobody asked for is not answered", () => {
  const rig = sotwRig();
  rig.watch("CDS", ["*"]);
  rig.open();
  assert.deepEqual(rig.respond(response("LDS", "1", "n1", ["a"])), []);
  assert.equal(rig.stream.status().ignoredResponses, 1);
});

test("requests beyond the rate wait, and are up to date when they go", () => {
  const stats = new RecordedStats();
  const rig = sotwRig({ stats, requestLimit: { maxTokens: 2, fillRate: 10 } });
  const watch = rig.watch("EDS", ["a"]);
  rig.watch("CDS", ["*"]);
  assert.deepEqual(rig.open(), ["CDS node []", "EDS [a]"]);
  assert.equal(stats.enforced, 0);
  watch.addNames(["b"]);
  assert.deepEqual(rig.turn(), []);
  watch.addNames(["c"]);
  assert.deepEqual([stats.enforced, stats.pending], [1, 1]);
  rig.clock.advance(99);
  assert.deepEqual(rig.requests(), []);
  rig.clock.advance(1);
  assert.deepEqual(rig.requests(), ["EDS [a,b,c]"]);
  assert.equal(stats.pending, 0);
});

test("answers beyond the rate wait too (delta)", () => {
  const rig = deltaRig({ requestLimit: { maxTokens: 1, fillRate: 1 } });
  rig.watch("CDS", ["*"]);
  assert.deepEqual(rig.open(), ["CDS node"]);
  assert.deepEqual(rig.respond(deltaResponse("CDS", "n1", [])), []);
  assert.deepEqual(rig.respond(deltaResponse("CDS", "n2", [])), []);
  rig.clock.advance(1000);
  assert.deepEqual(rig.requests(), ["CDS n=n1"]);
  rig.clock.advance(1000);
  assert.deepEqual(rig.requests(), ["CDS n=n2"]);
});

test("who does not hear in time is told once; what comes later is delivered", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("EDS", ["a"], { initialFetchTimeoutMs: 15_000 });
  rig.open();
  rig.clock.advance(14_999);
  assert.equal(owner.timeouts, 0);
  rig.clock.advance(60_000);
  assert.deepEqual([owner.timeouts, owner.counts.timeout], [1, 1]);
  rig.respond(response("EDS", "1", "n1", ["a"]));
  assert.deepEqual(owner.take(), ["+a@1"]);
});

test("an answer, even one that is refused, ends the wait; 0 waits for ever", () => {
  const rig = sotwRig();
  const taken = rig.watch("EDS", ["a"]).owner;
  const refused = rig.watch("EDS", ["b"]).owner;
  const patient = rig.watch("EDS", ["c"], { initialFetchTimeoutMs: 0 }).owner;
  const left = rig.watch("EDS", ["d"]);
  refused.refuse = new Map([["b", "bad"]]);
  rig.open();
  rig.respond(response("EDS", "1", "n1", ["a", "b"]));
  left.cancel();
  rig.clock.advance(3_600_000);
  assert.deepEqual(
    [taken, refused, patient, left.owner].map(({ timeouts }) => timeouts),
    [0, 0, 0, 0],
  );
});

test("a watch that is cancelled by another in the same update hears nothing", () => {
  const rig = sotwRig();
  const first = rig.watch("EDS", ["a"]);
  const second = rig.watch("EDS", ["a"]);
  first.owner.onTold = () => second.cancel();
  rig.open();
  rig.respond(response("EDS", "1", "n1", ["a"]));
  assert.deepEqual([first.owner.take(), second.owner.take()], [["+a@1"], []]);
});

test("a watch that is made while its resource is being taken hears of it", () => {
  const rig = sotwRig();
  const first = rig.watch("EDS", ["a"]);
  const made: RecordedWatch[] = [];
  first.owner.onTold = () => {
    if (made.length === 0) made.push(rig.watch("EDS", ["a"]));
  };
  rig.open();
  rig.respond(response("EDS", "1", "n1", ["a"]));
  assert.deepEqual(rig.turn(), []);
  assert.deepEqual(made[0]?.owner.take(), ["+a@1"]);
});

test("a closed stream leaves no timer and no connection", () => {
  const rig = sotwRig({ requestLimit: { maxTokens: 1, fillRate: 0.001 } });
  rig.watch("CDS", ["*"]);
  rig.watch("EDS", ["a"]);
  rig.open();
  rig.stream.close();
  assert.equal(rig.transport.last.isClosed, true);
  assert.equal(rig.clock.timers, 0);
  const waiting = sotwRig();
  waiting.watch("CDS", ["*"]);
  waiting.transport.last.events.onClose("refused");
  waiting.stream.close();
  assert.equal(waiting.clock.timers, 0);
});

test("the control plane's name is told when it changes", () => {
  const stats = new RecordedStats();
  const rig = sotwRig({ stats });
  rig.watch("CDS", ["*"]);
  rig.open();
  for (const identifier of ["one", "one", "two"]) {
    const message = response("CDS", "1", "n1", []);
    message.controlPlane = { $typeName: "envoy.config.core.v3.ControlPlane", identifier };
    rig.respond(message);
  }
  assert.deepEqual(stats.identifiers, ["one", "two"]);
});

test("what comes twice and nobody wants leaves no trace", () => {
  const rig = sotwRig();
  rig.watch("EDS", ["a"]);
  rig.open();
  rig.respond(response("EDS", "1", "n1", ["a", "b", "b"]));
  const status = [...rig.stream.subscription(EDS).records()];
  assert.deepEqual(
    status.map(({ name }) => name),
    ["a"],
  );
  assert.equal(rig.stream.subscription(EDS).isComplete, true);
});

test("an owner that returns nothing takes everything", () => {
  const rig = sotwRig();
  const told: string[] = [];
  const callbacks = {
    onConfigUpdate: ({ added }: ConfigUpdate): undefined => {
      told.push(...added.map(({ name }) => name));
    },
    onFetchTimeout: (): void => {},
  };
  rig.stream.subscription(CDS).watch({ names: ["*"], callbacks });
  rig.open();
  assert.deepEqual(rig.respond(response("CDS", "1", "n1", ["a"])), ["CDS v=1 [] n=n1"]);
  assert.deepEqual(told, ["a"]);
});
