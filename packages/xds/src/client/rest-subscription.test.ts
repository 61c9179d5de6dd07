import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../server/manual-clock.test-support.ts";
import type { DiscoveryRequest } from "../types/discovery-messages.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import type { PollResult, PollTransport } from "./rest-subscription.ts";
import { RestSubscription } from "./rest-subscription.ts";
import { RecordingOwner, nodeCalled, requestText, response } from "./stream-rig.test-support.ts";

class ScriptedPolls implements PollTransport {
  readonly requests: string[] = [];
  #onEnd: ((result: PollResult) => void) | null = null;
  isCancelled = false;

  poll(request: DiscoveryRequest, onEnd: (result: PollResult) => void): { cancel(): void } {
    assert.equal(this.#onEnd, null, "one poll at a time");
    this.requests.push(requestText(request));
    this.#onEnd = onEnd;
    return {
      cancel: () => {
        this.isCancelled = true;
      },
    };
  }

  end(result: PollResult): void {
    const onEnd = this.#onEnd;
    this.#onEnd = null;
    onEnd!(result);
  }

  take(): string[] {
    return this.requests.splice(0);
  }
}

function rig(type: string): {
  clock: ManualClock;
  polls: ScriptedPolls;
  rest: RestSubscription;
  watch(names: readonly string[]): RecordingOwner & { cancel(): void; add(name: string): void };
} {
  const clock = new ManualClock();
  const polls = new ScriptedPolls();
  const rest = new RestSubscription({
    typeUrl: typeUrlOf(type),
    transport: polls,
    node: nodeCalled("test"),
    clock,
    random: () => 0.5,
    refreshDelayMs: 1000,
    stats: undefined,
  });
  return {
    clock,
    polls,
    rest,
    watch(names) {
      const owner = new RecordingOwner();
      const watch = rest.subscription.watch({ names, callbacks: owner, stats: owner });
      return Object.assign(owner, {
        cancel: () => watch.cancel(),
        add: (name: string) => watch.addNames([name]),
      });
    },
  };
}

test("polls follow each other with a delay that varies, and tell the version", () => {
  const { clock, polls, watch } = rig("CDS");
  const owner = watch(["*"]);
  clock.advance(0);
  assert.deepEqual(polls.take(), ["CDS node []"]);
  polls.end({ kind: "response", response: response("CDS", "1", "", ["a"]) });
  assert.deepEqual(owner.take(), ["+a@1"]);
  clock.advance(1499);
  assert.deepEqual(polls.take(), []);
  clock.advance(1);
  assert.deepEqual(polls.take(), ["CDS node v=1 []"]);
  polls.end({ kind: "not-modified" });
  clock.advance(1500);
  assert.deepEqual(polls.take(), ["CDS node v=1 []"]);
  assert.deepEqual(owner.take(), []);
});

test("a refusal is told with the next poll", () => {
  const { clock, polls, watch } = rig("RDS");
  const owner = watch(["r"]);
  owner.refuse = new Map([["r", "bad"]]);
  clock.advance(0);
  polls.end({ kind: "response", response: response("RDS", "1", "", ["r"]) });
  polls.take();
  clock.advance(1500);
  assert.deepEqual(polls.take(), ["RDS node [r] error=r: bad"]);
  polls.end({ kind: "not-modified" });
  clock.advance(1500);
  assert.deepEqual(polls.take(), ["RDS node [r]"]);
});

test("a name that is wanted during a poll is asked for right after it, without a version", () => {
  const { clock, polls, watch } = rig("EDS");
  const owner = watch(["a"]);
  clock.advance(0);
  polls.take();
  owner.add("b");
  polls.end({ kind: "response", response: response("EDS", "1", "", ["a"]) });
  clock.advance(0);
  assert.deepEqual(polls.take(), ["EDS node [a,b]"]);
});

test("failures are told, and the polls go on", () => {
  const { clock, polls, rest, watch } = rig("CDS");
  const owner = watch(["*"]);
  clock.advance(0);
  polls.end({ kind: "failed", reason: "expected status 200 or 304, got 503" });
  assert.deepEqual(owner.failures, ["expected status 200 or 304, got 503"]);
  assert.equal(rest.status().lastDisconnect?.reason, "expected status 200 or 304, got 503");
  clock.advance(1500);
  polls.end({ kind: "unreadable", problem: "expected an object" });
  assert.equal(owner.counts.rejected, 1);
  assert.equal(rest.status().lastDisconnect?.reason, "expected an object");
  clock.advance(1500);
  assert.equal(polls.take().length, 3);
});

test("nobody polls when nothing is wanted", () => {
  const { clock, polls, rest, watch } = rig("CDS");
  const owner = watch(["*"]);
  clock.advance(0);
  polls.end({ kind: "not-modified" });
  owner.cancel();
  clock.advance(10_000);
  assert.equal(polls.take().length, 1);
  const again = watch(["*"]);
  clock.advance(0);
  rest.close();
  assert.equal(polls.isCancelled, true);
  again.cancel();
  assert.equal(clock.timers, 0);
});
