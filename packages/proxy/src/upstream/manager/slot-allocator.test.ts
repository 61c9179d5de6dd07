import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SlotAllocator } from "./slot-allocator.ts";

class Rule {
  applied = 0;
  readonly busy = new Set<number>();
  readonly cleared: number[] = [];
  appliedByAll(): number {
    return this.applied;
  }
  inUse(slot: number): boolean {
    return this.busy.has(slot);
  }
  clear(slot: number): void {
    this.cleared.push(slot);
  }
}

void test("hands out as many slots as there are", () => {
  const allocator = new SlotAllocator(3, new Rule());
  assert.deepEqual(
    [0, 1, 2, 3].map(() => allocator.allocate()),
    [0, 1, 2, null],
  );
});

void test("a slot comes back when every worker has applied its release and let go of it", () => {
  const rule = new Rule();
  const allocator = new SlotAllocator(1, rule);
  allocator.allocate();
  allocator.release(0, 5);
  rule.applied = 4;
  assert.equal(allocator.allocate(), null, "a worker has not heard of it");
  rule.applied = 5;
  rule.busy.add(0);
  assert.equal(allocator.allocate(), null, "a worker still drains");
  rule.busy.delete(0);
  assert.equal(allocator.allocate(), 0);
  assert.deepEqual(rule.cleared, [0]);
});

void test("no slot is ever held twice, and none gets lost", () => {
  const step = fc.oneof(
    fc.constant("take" as const),
    fc.constant("give" as const),
    fc.constant("apply" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const rule = new Rule();
      const allocator = new SlotAllocator(8, rule);
      const held = new Set<number>();
      let sequence = 0;
      for (const action of steps) {
        const [first] = held;
        if (action === "apply") rule.applied = sequence;
        else if (action === "take") {
          const slot = allocator.allocate();
          if (slot === null) continue;
          assert.ok(!held.has(slot) && slot < 8);
          held.add(slot);
        } else if (first !== undefined) {
          held.delete(first);
          allocator.release(first, ++sequence);
        }
      }
      rule.applied = sequence;
      for (let left = 8 - held.size; left > 0; left--) assert.notEqual(allocator.allocate(), null);
      assert.equal(allocator.allocate(), null);
    }),
  );
});
