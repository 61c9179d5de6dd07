import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { CodecStream } from "./codec-stream.ts";
import { StreamTable } from "./stream-table.ts";

describe("the table of streams", () => {
  it("knows what a map knows", () => {
    const steps = fc.array(
      fc.tuple(fc.oneof(fc.nat(40), fc.constantFrom(1, 33, 65, 129, 0x7fffffff)), fc.boolean()),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const table = new StreamTable();
        const map = new Map<number, CodecStream>();
        for (const [id, adds] of all) {
          const known = map.get(id);
          if (adds && known === undefined) {
            const stream = { id } as CodecStream;
            map.set(id, stream);
            table.add(stream);
          } else if (!adds) {
            table.remove(known ?? ({ id } as CodecStream));
            map.delete(id);
          }
          for (let other = 0; other <= 40; other++)
            assert.equal(table.get(other), map.get(other) ?? null);
        }
        assert.equal(table.size, map.size);
        assert.deepEqual(new Set(table.list()), new Set(map.values()));
      }),
      { numRuns: 200 },
    );
  });
});
