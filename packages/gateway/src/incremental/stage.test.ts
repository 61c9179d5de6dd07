import assert from "node:assert/strict";
import { test } from "node:test";
import { Index } from "./index-cells.ts";
import { StageOrder } from "./stage-order.ts";
import { Stage } from "./stage.ts";
import { Table } from "./table.ts";

interface Person {
  readonly town: string;
  readonly age: number;
}

function towns() {
  const people = new Table<Person>("people");
  const grown = new Stage<Person>({
    name: "grown",
    compute: (name, read) => {
      const person = read.one(people, name);
      return person !== undefined && person.age >= 18 ? person : undefined;
    },
  }).forEach(people);
  const byTown = new Index<Person>("by town", grown, ({ town }) => [town]);
  const counts = new Stage<{ readonly names: readonly string[] }>({
    name: "counts",
    compute: (town, read) => ({ names: [...(read.one(byTown, town) ?? [])].toSorted() }),
  }).forEach(byTown);
  return { people, grown, byTown, counts, order: new StageOrder([grown, counts]) };
}

test("a value is computed for each key, and goes with it", () => {
  const { people, counts, order } = towns();
  people.set("ann", { town: "ulm", age: 20 });
  people.set("bob", { town: "ulm", age: 30 });
  people.set("kim", { town: "ulm", age: 3 });
  order.settle();
  assert.deepEqual(counts.peek("ulm"), { names: ["ann", "bob"] });
  people.delete("ann");
  people.delete("bob");
  order.settle();
  assert.equal(counts.peek("ulm"), undefined);
  assert.equal(counts.size, 0);
});

test("only what read a changed value is computed again", () => {
  const { people, grown, counts, order } = towns();
  for (let i = 0; i < 100; i++) people.set(`p${i}`, { town: `t${i % 10}`, age: 40 });
  order.settle();
  assert.deepEqual(order.counts(), { grown: 100, counts: 10 });
  assert.equal(people.set("p5", { town: "t5", age: 40 }), false);
  order.settle();
  assert.deepEqual(order.counts(), { grown: 100, counts: 10 });
  people.set("p5", { town: "t6", age: 41 });
  order.settle();
  assert.deepEqual(order.counts(), { grown: 101, counts: 12 });
  assert.equal(counts.peek("t6")?.names.length, 11);
  assert.equal(grown.peek("p5")?.age, 41);
});

test("an equal result is not told to those behind", () => {
  const { people, order } = towns();
  people.set("kim", { town: "ulm", age: 3 });
  people.set("ann", { town: "ulm", age: 30 });
  order.settle();
  people.set("kim", { town: "ulm", age: 4 });
  order.settle();
  assert.deepEqual(order.counts(), { grown: 3, counts: 1 });
});

test("what read a key that was not there is computed when it comes", () => {
  const keys = new Table<true>("keys");
  const values = new Table<number>("values");
  const looked = new Stage<string>({
    name: "looked",
    compute: (key, read) => String(read.one(values, key) ?? "none"),
  }).forEach(keys);
  const order = new StageOrder([looked]);
  keys.set("a", true);
  order.settle();
  assert.equal(looked.peek("a"), "none");
  values.set("a", 1);
  order.settle();
  assert.equal(looked.peek("a"), "1");
});

test("a defect in one key leaves it what it had, and the others go on", () => {
  const numbers = new Table<number>("numbers");
  const defects: string[] = [];
  const halves = new Stage<number>({
    name: "halves",
    compute: (key, read) => {
      const value = read.one(numbers, key)!;
      if (value % 2 === 1) throw new Error(`${value} is odd`);
      return value / 2;
    },
  }).forEach(numbers);
  const order = new StageOrder([halves], (stage, key, error) => {
    defects.push(`${stage} ${key}: ${String(error)}`);
  });
  numbers.set("a", 2);
  numbers.set("b", 4);
  order.settle();
  numbers.set("a", 3);
  numbers.set("b", 8);
  order.settle();
  assert.equal(halves.peek("a"), 1);
  assert.equal(halves.peek("b"), 4);
  assert.deepEqual(defects, ["halves a: Error: 3 is odd"]);
  numbers.set("a", 6);
  order.settle();
  assert.equal(halves.peek("a"), 3);
});

test("a stage that is not in its place is a defect", () => {
  const { grown, counts, people } = towns();
  people.set("ann", { town: "ulm", age: 20 });
  assert.throws(() => new StageOrder([counts, grown]).settle(), /counts read a stage behind it/);
});

test("a key that two sources have goes with the last of them", () => {
  const [a, b] = [new Table<true>("a"), new Table<true>("b")];
  const stage = new Stage<string>({ name: "either", compute: (key) => key }).forEach(a).forEach(b);
  const order = new StageOrder([stage]);
  a.set("x", true);
  b.set("x", true);
  order.settle();
  assert.equal(stage.computed, 1);
  a.delete("x");
  order.settle();
  assert.equal(stage.peek("x"), "x");
  b.delete("x");
  order.settle();
  assert.equal(stage.peek("x"), undefined);
});
