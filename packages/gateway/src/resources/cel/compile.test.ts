import assert from "node:assert/strict";
import { test } from "node:test";
import type { Schema, ValidationRule } from "../schema/schema.ts";
import { allSchemas } from "../schema/schemas.ts";
import { compileCel } from "./compile.ts";

const self = {
  name: "a",
  namespace: "n",
  list: [1, 2, 2],
  objects: [{ type: "x", port: 1 }, { type: "y" }],
  empty: [],
  "a.b-c/d": "odd",
  address: "1.2.3.4",
};

function value(rule: string): unknown {
  try {
    return compileCel(rule)(self);
  } catch (error) {
    return `error: ${(error as Error).message}`;
  }
}

test("values of rules", () => {
  const cases: Record<string, unknown> = {
    "self.name == 'a' && self.name != 'b'": true,
    "self.__namespace__ == 'n'": true,
    "self.a__dot__b__dash__c__slash__d": "odd",
    "has(self.name) && !has(self.nothing)": true,
    "size(self.list) + self.name.size()": 4,
    "self.list[1] - 1": 1,
    "-self.list[0]": -1,
    "self.list == [1, 2, 2]": true,
    "self.objects[1] == self.objects[0]": false,
    "3 in self.list || 'name' in self": true,
    "self.list.all(x, x > 0)": true,
    "self.list.exists(x, x > 1)": true,
    "self.list.exists_one(x, x == 2)": false,
    "self.objects.filter(o, has(o.port)).size() <= 1": true,
    "self.list.map(x, x + 1)": [2, 3, 3],
    "self.objects.all(a, self.objects.exists_one(b, a.type == b.type))": true,
    "self.list.all(x, self.list.exists(x, x == 2) && x < 3)": true,
    "self.empty.all(x, x.y)": true,
    "self.name.matches('^[a-z]$') ? 'yes' : 'no'": "yes",
    "'a,b'.split(',')": ["a", "b"],
    "'*.äb'.substring(2)": "äb",
    "'abc'.substring(0, 2)": "ab",
    "'abc'.startsWith('ab') && 'abc'.endsWith('bc') && 'abc'.contains('b')": true,
    "'a' < 'b' && 2 >= 2 && 1 <= 2 && 2 > 1": true,
    "duration('1h') > duration('59m60s')": false,
    "duration('1500ms') == duration('1.5s') && duration('0') == duration('-0s')": true,
    "isIP(self.address) && isIP('::1') && !isIP('1.2.3') && !isIP('fe80::1%eth0')": true,
    "isIP('::ffff:1.2.3.4')": false,
    "isCIDR('10.0.0.0/8') && isCIDR('::/0') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0')": true,
    "[has(self.name), has(self.nothing)].filter(x, x).size() == 1": true,
    'r"""a\\.b"""': "a\\.b",
    "null == null": true,
  };
  for (const [rule, expected] of Object.entries(cases))
    assert.deepEqual(value(rule), expected, rule);
});

test("one side that decides is enough, whatever the other one is", () => {
  assert.equal(value("self.nothing || true"), true);
  assert.equal(value("self.nothing && false"), false);
  assert.equal(value("self.objects.exists(o, o.port == 1)"), true);
  assert.equal(value("self.objects.all(o, o.port == 2)"), false);
  assert.equal(value("self.nothing || false"), "error: no such key: nothing");
  assert.equal(value("self.objects.all(o, o.port == 1)"), "error: no such key: port");
});

test("what cannot be evaluated says why", () => {
  const cases: Record<string, RegExp> = {
    "self.list[3]": /no item 3 in a list of 3/,
    "self.name.x": /no field x of string "a"/,
    "has(self.name.x)": /no field x of string "a"/,
    "self.name + 1": /no sum of string "a" and number 1/,
    "self.name < 1": /no order/,
    "self.name && true": /expected a condition, got string "a"/,
    "duration(self.name)": /no duration such as/,
    "size(1)": /no size of number 1/,
    "'a'.substring(2)": /no such part/,
    "1 in 'a'": /expected a list or a map/,
  };
  for (const [rule, expected] of Object.entries(cases))
    assert.match(String(value(rule)), expected, rule);
});

test("what is not implemented is refused by name when the rule is compiled", () => {
  const cases: Record<string, RegExp> = {
    "quantity('1')": /function quantity\(\)/,
    "'a'.upperAscii()": /method upperAscii\(\)/,
    "1 * 2": /operator \*/,
    "other == 1": /variable other/,
    "{'a': 1}": /map of CEL/,
    "b'a'": /bytes/,
    "'a'.matches(self.name)": /constant pattern/,
    "self.list.all(x, y, x)": /needs a variable and an expression/,
  };
  for (const [rule, expected] of Object.entries(cases))
    assert.throws(() => compileCel(rule), expected, rule);
});

test("every rule of every schema compiles", () => {
  const rules = new Set([...allSchemas()].flatMap(({ schema }) => [...rulesOf(schema)]));
  const own = [...rules].filter((rule) => !rule.includes("oldSelf"));
  assert.ok(own.length >= 90, String(own.length));
  for (const rule of own) compileCel(rule);
});

function* rulesOf(schema: Schema): Generator<string> {
  for (const { rule } of (schema["x-kubernetes-validations"] ?? []) as ValidationRule[]) yield rule;
  const { properties = {}, items, additionalProperties } = schema;
  const children = [...Object.values(properties), items, additionalProperties];
  for (const child of children) if (typeof child === "object") yield* rulesOf(child);
}
