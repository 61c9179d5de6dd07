import assert from "node:assert/strict";
import { test } from "node:test";
import { TimerKind, TimerScale } from "./timer-scale.ts";
import { Timer, TimerWheel } from "./timer-wheel.ts";

const IDLE = TimerKind.HttpDownstreamConnectionIdle;

class Clock {
  now = 0;
  at = Infinity;
  wake: () => void = () => {};
  nowMs(): number {
    return this.now;
  }
  wakeAfter(delayMs: number, wake: () => void): void {
    this.at = this.now + delayMs;
    this.wake = wake;
  }
  onException(error: unknown): void {
    throw error;
  }
  advanceTo(time: number): void {
    while (this.at <= time) {
      this.now = Math.max(this.now, this.at);
      this.at = Infinity;
      this.wake();
    }
    this.now = time;
  }
}

/** The first time at which a timer of 100 s fires, told of pressures at these times. */
function firesAt(
  kind: TimerKind,
  events: readonly (readonly [at: number, factor: number])[],
): number {
  const clock = new Clock();
  const wheel = new TimerWheel(clock);
  const scale = new TimerScale([null, { minTimeoutMs: 1000 }]);
  let fired = -1;
  const timer = new Timer({ onTimer: () => (fired = clock.now) }, kind);
  wheel.arm(timer, 100_000);
  for (const [at, factor] of events) {
    clock.advanceTo(at);
    scale.factors = [1, factor];
    wheel.rescale(scale);
  }
  clock.advanceTo(200_000);
  return Math.round(fired / 100) * 100;
}

void test("a timer that runs becomes shorter and longer with the pressure", () => {
  assert.equal(firesAt(IDLE, []), 100_000);
  assert.equal(firesAt(IDLE, [[10_000, 0.5]]), 50_500);
  assert.equal(firesAt(IDLE, [[60_000, 0.5]]), 60_000, "its time is over already");
  assert.equal(firesAt(IDLE, [[500, 0]]), 1000, "never less than its minimum");
  assert.equal(
    firesAt(IDLE, [
      [5000, 0.1],
      [6000, 0.2],
      [7000, 1],
    ]),
    100_000,
  );
  assert.equal(firesAt(TimerKind.Fixed, [[10_000, 0]]), 100_000);
});

void test("a timer that is armed under pressure", () => {
  const scale = new TimerScale([null, { minTimeoutMs: 1000 }, { minScale: 0.1 }]);
  scale.factors = [1, 0.5, 0.5, 0.5];
  assert.equal(scale.delayMs(IDLE, 3000), 2000);
  assert.equal(scale.delayMs(IDLE, 400), 400, "shorter than its minimum");
  assert.equal(scale.delayMs(TimerKind.HttpDownstreamStreamIdle, 1000), 550);
  assert.equal(scale.delayMs(TimerKind.TransportSocketConnect, 1000), 1000, "not reduced");
});
