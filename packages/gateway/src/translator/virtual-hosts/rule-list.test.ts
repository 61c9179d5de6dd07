import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { IrRoute } from "../../ir/route.ts";
import { byRank, type RankedRule } from "./ranked-rule.ts";
import { RuleList } from "./rule-list.ts";

function rule(route: string, ranks: readonly number[], name = ""): RankedRule {
  const [precedence = 0, createdAtMs = 0] = ranks;
  const one = { name, action: { kind: "forward" } } as IrRoute;
  return { route, key: route, age: { createdAtMs }, rule: one, precedence: [1, precedence] };
}

const ranks = fc.tuple(fc.nat(2), fc.nat(2));
const change = fc.record({
  route: fc.nat(8).map((n) => `HTTPRoute/ns/r${n}`),
  rules: fc.option(fc.array(ranks, { maxLength: 3 })),
  isLookedAt: fc.boolean(),
});

test("the order is that of sorting all rules, whatever came and went and whoever looked", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const list = new RuleList();
      const all = new Map<string, RankedRule[]>();
      for (const { route, rules, isLookedAt } of changes) {
        if (rules === null) {
          if (all.delete(route)) list.delete(route);
        } else {
          const own = rules.map((one, i) => rule(route, one, String(i)));
          all.set(route, own);
          list.set(route, own);
        }
        if (isLookedAt) assert.equal(list.inOrder.length, [...all.values()].flat().length);
      }
      assert.deepEqual(list.inOrder, [...all.values()].flat().toSorted(byRank));
      assert.deepEqual(
        list.plainRoutes,
        list.inOrder.map((one) => one.rule),
      );
      assert.equal(list.isEmpty, all.size === 0);
      assert.ok([...all.keys()].every((route) => list.has(route)));
    }),
  );
});

test("many that change at once are in order, too", () => {
  const list = new RuleList();
  const all = Array.from({ length: 300 }, (_, i) => rule(`r${i}`, [i % 7, i % 5]));
  for (const one of all) list.set(one.route, [one]);
  assert.deepEqual(list.inOrder, all.toSorted(byRank));
  for (const { route } of all.slice(0, 150)) list.delete(route);
  assert.deepEqual(list.inOrder, all.slice(150).toSorted(byRank));
});

test("routes are not plain as long as a redirect is among them", () => {
  const one = rule("a", [1, 1]);
  const redirect = { ...one.rule, action: { kind: "redirect", statusCode: 302 } } as IrRoute;
  const list = new RuleList();
  list.set("a", [one]);
  assert.deepEqual(list.plainRoutes, [one.rule]);
  list.set("b", [{ ...rule("b", [1, 1]), rule: redirect }]);
  assert.equal(list.plainRoutes, null);
  list.delete("b");
  assert.deepEqual(list.plainRoutes, [one.rule]);
  for (let i = 0; i < 150; i++) list.set(`c${i}`, [{ ...rule(`c${i}`, []), rule: redirect }]);
  assert.equal(list.plainRoutes, null);
  for (let i = 0; i < 150; i++) list.delete(`c${i}`);
  assert.deepEqual(list.plainRoutes, [one.rule]);
});

test("precedence goes first, then age, then the name; rules of a route keep their order", () => {
  const list = new RuleList();
  list.set("b", [rule("b", [1, 5], "b0"), rule("b", [1, 5], "b1"), rule("b", [9, 9], "b2")]);
  list.set("a", [rule("a", [1, 5], "a0")]);
  list.set("c", [rule("c", [1, 4], "c0")]);
  const names = () => list.inOrder.map(({ rule: { name } }) => name).join(" ");
  assert.equal(names(), "b2 c0 a0 b0 b1");
  list.set("b", [rule("b", [1, 3], "b0")]);
  assert.equal(names(), "b0 c0 a0");
});

test("equal rules change nothing, and rules of other routes stay the same objects", () => {
  const list = new RuleList();
  for (const name of ["a", "b", "c"]) list.set(name, [rule(name, [1, 1])]);
  const [a, , c] = list.inOrder;
  assert.equal(list.set("b", [rule("b", [1, 1])]), false);
  assert.equal(list.set("b", [rule("b", [1, 1], "new")]), true);
  assert.equal(list.inOrder[0], a);
  assert.equal(list.inOrder[2], c);
  assert.equal(list.inOrder, list.inOrder);
});
