import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { WaitingData } from "./waiting-data.ts";

/** A piece that is added, by its length, or so many octets that are taken. */
const steps = fc.array(
  fc.record({ adds: fc.boolean(), bytes: fc.oneof(fc.nat(5), fc.nat(20_000)) }),
  { maxLength: 60 },
);

describe("data that wait", () => {
  it("come out as they went in, however they are cut", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const waiting = new WaitingData();
        let expected = "";
        let next = 0;
        for (const { adds, bytes } of all) {
          if (adds) {
            const data = Buffer.from(Array.from({ length: bytes }, () => next++ & 0xff));
            expected += data.toString("latin1");
            waiting.add(data);
            // Borrowed.
            data.fill(0);
          } else if (waiting.bytes > 0 && bytes > 0) {
            const taken = waiting.take(bytes).toString("latin1");
            assert.ok(taken.length > 0 && taken.length <= bytes);
            assert.equal(taken, expected.slice(0, taken.length));
            expected = expected.slice(taken.length);
          }
          assert.equal(waiting.bytes, expected.length);
        }
      }),
    );
  });
});
