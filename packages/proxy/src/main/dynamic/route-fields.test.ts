import assert from "node:assert/strict";
import { test } from "node:test";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { routeFields, unchangedRoutes } from "./route-fields.ts";

/** A field of text; 3 is a route. */
type Field = readonly [number: number, text: string];

function hostOf(fields: readonly Field[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, text] of fields) writer.tag(number, WireType.LengthDelimited).string(text);
  return writer.finish();
}

const route = fc.tuple(fc.constant(3), fc.constantFrom("", "a", "aa", "ab", "b".repeat(5000)));
const other = fc.tuple(fc.constantFrom(1, 2, 4), fc.constantFrom("", "x", "xx"));
const fields = fc.array(fc.oneof({ weight: 4, arbitrary: route }, other), { maxLength: 12 });

test("routes and what is not one are told apart, wherever they stand", () => {
  fc.assert(
    fc.property(fields, (all) => {
      const found = routeFields(hostOf(all))!;
      const routes = all.filter(([number]) => number === 3);
      assert.equal(found.starts.length, routes.length);
      for (const [i, one] of routes.entries())
        assert.deepEqual(
          Uint8Array.from(found.value.subarray(found.starts[i], found.ends[i])),
          hostOf([one]),
        );
      const others = all.filter(([number]) => number !== 3);
      assert.deepEqual(Uint8Array.from(found.others), hostOf(others));
    }),
  );
});

test("what is no message has no routes", () => {
  assert.equal(routeFields(Buffer.from([0x1a, 5, 1])), null);
});

function count(texts: readonly string[], text: string): number {
  return texts.filter((one) => one === text).length;
}

test("a route is found again wherever it went, and no other one in its place", () => {
  fc.assert(
    fc.property(fields, fields, (before, after) => {
      const same = unchangedRoutes(routeFields(hostOf(before))!, routeFields(hostOf(after))!);
      const texts = (all: readonly Field[]): string[] =>
        all.filter(([number]) => number === 3).map(([, text]) => text);
      const [old, now] = [texts(before), texts(after)];
      assert.equal(same.length, now.length);
      for (const [i, text] of now.entries()) {
        // One that is there twice need not be found twice.
        if (same[i] === -1) assert.ok(!old.includes(text) || count(now, text) > 1, `route ${i}`);
        else assert.equal(old[same[i]!], text);
      }
    }),
    { numRuns: 500 },
  );
});
