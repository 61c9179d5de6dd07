import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OutboundMeter } from "./outbound-meter.ts";

describe("the meter of frames that wait", () => {
  it("is exact for small limits", () => {
    const meter = new OutboundMeter(3);
    for (const place of [10, 20, 30]) assert.equal(meter.add(place), false);
    assert.equal(meter.add(40), true);
    assert.equal(meter.take(0, false), true);
    assert.equal(meter.take(9, false), true);
    assert.equal(meter.take(10, false), false);
    assert.equal(meter.add(50), true);
    assert.equal(meter.take(49, false), false);
  });

  it("forgets all when nothing waits", () => {
    const meter = new OutboundMeter(2);
    for (const place of [1, 2, 3]) meter.add(place);
    assert.equal(meter.take(3, true), false);
    assert.equal(meter.add(4), false);
  });

  it("never says too many when there are not", () => {
    for (const limit of [1, 15, 16, 17, 100, 1000]) {
      const meter = new OutboundMeter(limit);
      let taken = 0;
      for (let place = 1; place <= 5 * limit; place++) {
        // The socket is always exactly at the limit.
        taken = Math.max(0, place - limit);
        if (meter.add(place)) assert.equal(meter.take(taken, false), false, `${limit} ${place}`);
      }
    }
  });

  it("says so soon after there are", () => {
    for (const limit of [1, 15, 16, 17, 100, 1000]) {
      const meter = new OutboundMeter(limit);
      let place = 0;
      while (!meter.add(++place) || !meter.take(0, false));
      assert.ok(place > limit && place <= limit + Math.ceil(limit / 16) + 1, `${limit} ${place}`);
    }
  });
});
