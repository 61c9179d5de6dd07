import assert from "node:assert/strict";
import { test } from "node:test";
import { TimerWheel, type WheelClock } from "../base/timer-wheel.ts";
import { Runtime } from "../runtime/snapshot.ts";
import { fakeStats } from "../upstream/testing/fake-worker.ts";
import { Http2Keepalive } from "./keepalive.ts";
import type { Http2KeepaliveConfig } from "./model.ts";

/** A clock that the test moves, and what the keepalive of one connection did. */
class Rig implements WheelClock {
  now = 0;
  pings = 0;
  timeouts = 0;
  readonly keepalive: Http2Keepalive;
  #wakeAt = Infinity;
  #wake: () => void = () => {};

  constructor(config: Partial<Http2KeepaliveConfig>) {
    const worker = {
      workerId: 0,
      stats: fakeStats(),
      timers: new TimerWheel(this),
      runtime: new Runtime(),
      nowMs: () => this.now,
      wallMs: () => this.now,
      random: () => 0.5,
    };
    const whole = {
      intervalMs: 0,
      timeoutMs: 5000,
      intervalJitterPercent: 0,
      connectionIdleIntervalMs: 0,
      ...config,
    };
    this.keepalive = new Http2Keepalive(whole, worker, {
      ping: () => void this.pings++,
      onKeepaliveTimeout: () => void this.timeouts++,
    });
  }

  nowMs(): number {
    return this.now;
  }

  wakeAfter(delayMs: number, wake: () => void): void {
    this.#wakeAt = this.now + delayMs;
    this.#wake = wake;
  }

  onException(error: unknown): void {
    throw error;
  }

  /** [pings, timeouts] when it is `now`. */
  at(now: number): [number, number] {
    while (this.#wakeAt <= now) {
      this.now = this.#wakeAt;
      this.#wakeAt = Infinity;
      this.#wake();
    }
    this.now = now;
    return [this.pings, this.timeouts];
  }
}

void test("a ping each interval that follows an answer", () => {
  const rig = new Rig({ intervalMs: 30_000 });
  assert.deepEqual(rig.at(29_900), [0, 0]);
  assert.deepEqual(rig.at(30_100), [1, 0]);
  rig.keepalive.onPingAck();
  assert.deepEqual(rig.at(60_000), [1, 0]);
  assert.deepEqual(rig.at(60_200), [2, 0]);
});

void test("without an answer the connection is dead, unless something else comes", () => {
  const rig = new Rig({ intervalMs: 30_000 });
  assert.deepEqual(rig.at(34_000), [1, 0]);
  rig.keepalive.onBytes();
  assert.deepEqual(rig.at(38_900), [1, 0]);
  assert.deepEqual(rig.at(39_100), [1, 1]);
});

void test("jitter makes an interval longer by up to its share", () => {
  const rig = new Rig({ intervalMs: 10_000, intervalJitterPercent: 100 });
  assert.deepEqual(rig.at(14_900), [0, 0]);
  assert.deepEqual(rig.at(15_100), [1, 0]);
});

void test("a stream behind silence is preceded by a ping, one ping at a time", () => {
  const rig = new Rig({ connectionIdleIntervalMs: 60_000 });
  rig.at(59_000);
  rig.keepalive.onNewStream();
  rig.at(119_500);
  rig.keepalive.onNewStream();
  rig.keepalive.onNewStream();
  assert.deepEqual(rig.at(120_000), [1, 0]);
  rig.keepalive.onPingAck();
  assert.deepEqual(rig.at(200_000), [1, 0]);
});

void test("streams that nobody answers are no sign of life, and one old stream that goes on is", () => {
  const rig = new Rig({ connectionIdleIntervalMs: 60_000 });
  rig.at(50_000);
  rig.keepalive.onNewStream();
  assert.deepEqual(rig.at(61_000), [0, 0]);
  rig.keepalive.onNewStream();
  assert.deepEqual(rig.at(62_000), [1, 0]);
  rig.keepalive.onBytes();
  rig.keepalive.onPingAck();
  rig.at(121_000);
  rig.keepalive.onNewStream();
  assert.deepEqual(rig.at(121_900), [1, 0]);
});

void test("nothing happens to a connection that is gone", () => {
  const rig = new Rig({ intervalMs: 1000 });
  rig.at(1100);
  rig.keepalive.cancel();
  assert.deepEqual(rig.at(60_000), [1, 0]);
});
