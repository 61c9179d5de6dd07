import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Timer, TimerWheel } from "./timer-wheel.ts";

class ManualClock {
  now = 1000;
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

function recorder(clock: ManualClock): { fired: [Timer, number][]; onTimer(timer: Timer): void } {
  return {
    fired: [],
    onTimer(timer) {
      this.fired.push([timer, clock.now]);
    },
  };
}

void test("fires late by less than a tick and never early, at any distance", () => {
  for (const delay of [1, 15, 16, 300, 4096, 5000, 300_000, 3_600_000, 40_000_000]) {
    const clock = new ManualClock();
    const wheel = new TimerWheel(clock);
    const target = recorder(clock);
    const timer = new Timer(target);
    wheel.arm(timer, delay);
    clock.advanceTo(1000 + delay - 1);
    assert.equal(target.fired.length, 0, `early at ${delay}`);
    clock.advanceTo(1000 + delay + 2 * TimerWheel.TICK_MS);
    assert.equal(target.fired.length, 1, `missing at ${delay}`);
    assert.equal(wheel.size, 0);
    assert.equal(clock.at, Infinity, "no wake is left behind");
  }
});

void test("pushing a timer forward keeps it until its new time", () => {
  const clock = new ManualClock();
  const wheel = new TimerWheel(clock);
  const target = recorder(clock);
  const timer = new Timer(target);
  wheel.arm(timer, 100);
  clock.advanceTo(1050);
  wheel.arm(timer, 1000);
  clock.advanceTo(2040);
  assert.equal(target.fired.length, 0);
  clock.advanceTo(2100);
  assert.equal(target.fired.length, 1);
});

void test("a callback may cancel a timer of the same slot", () => {
  const clock = new ManualClock();
  const wheel = new TimerWheel(clock);
  let fired = 0;
  const target = {
    onTimer(timer: Timer): void {
      fired++;
      wheel.cancel(timer === a ? b : a);
    },
  };
  const a = new Timer(target);
  const b = new Timer(target);
  wheel.arm(a, 50);
  wheel.arm(b, 50);
  clock.advanceTo(1200);
  assert.equal(fired, 1);
});

void test("any sequence of arm, cancel and time fires what a sorted list would", () => {
  const step = fc.oneof(
    fc.record({
      op: fc.constant("arm" as const),
      id: fc.nat(9),
      ms: fc.integer({ min: 1, max: 400_000 }),
    }),
    fc.record({ op: fc.constant("cancel" as const), id: fc.nat(9), ms: fc.constant(0) }),
    fc.record({
      op: fc.constant("pass" as const),
      id: fc.constant(0),
      ms: fc.integer({ min: 1, max: 90_000 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clock = new ManualClock();
      const wheel = new TimerWheel(clock);
      const deadlines = new Map<Timer, number>();
      const target = {
        onTimer(timer: Timer): void {
          const deadline = deadlines.get(timer);
          assert.ok(deadline !== undefined && clock.now >= deadline);
          assert.ok(
            clock.now <= deadline + 2 * TimerWheel.TICK_MS,
            `${clock.now - deadline} ms late`,
          );
          deadlines.delete(timer);
        },
      };
      const timers = Array.from({ length: 10 }, () => new Timer(target));
      for (const { op, id, ms } of steps) {
        const timer = timers[id]!;
        if (op === "arm") {
          wheel.arm(timer, ms);
          deadlines.set(timer, clock.now + ms);
        } else if (op === "cancel") {
          wheel.cancel(timer);
          deadlines.delete(timer);
        } else {
          clock.advanceTo(clock.now + ms);
        }
        assert.equal(wheel.size, deadlines.size);
      }
      clock.advanceTo(clock.now + 500_000);
      assert.equal(deadlines.size, 0);
    }),
    { numRuns: 2000 },
  );
});

void test("a target that throws does not hold up the others", () => {
  const clock = new ManualClock();
  const errors: unknown[] = [];
  clock.onException = (error): void => void errors.push(error);
  const wheel = new TimerWheel(clock);
  const good = recorder(clock);
  const bad = {
    onTimer(): void {
      throw new Error("bad");
    },
  };
  wheel.arm(new Timer(good), 40);
  wheel.arm(new Timer(bad), 40);
  wheel.arm(new Timer(good), 80);
  clock.advanceTo(1200);
  assert.equal(good.fired.length, 2);
  assert.equal(errors.length, 1);
});
