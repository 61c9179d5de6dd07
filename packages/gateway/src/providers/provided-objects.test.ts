import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resources/object.ts";
import { ResourceStore } from "../resources/store.ts";
import { ProvidedObjects } from "./provided-objects.ts";

interface Service extends Resource {
  readonly spec: { readonly ports: readonly number[] };
}

function service(name: string, port: number, labels: Record<string, string> = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "ns", labels },
    spec: { ports: [port] },
  };
}

function fixture(): {
  objects: ProvidedObjects;
  has(): string[];
  get(name: string): Service | undefined;
  put(file: string, ...services: Service[]): string[];
} {
  const store = new ResourceStore();
  const objects = new ProvidedObjects(store);
  const table = store.table<Service>("Service");
  return {
    objects,
    has: () =>
      Array.from(table.entries(), ([key, { spec }]) => `${key}:${spec.ports.join()}`).toSorted(),
    get: (name) => table.peek(`ns/${name}`),
    put: (file, ...services) =>
      objects.update(file, { objects: services, refused: [], complete: true }),
  };
}

test("objects come and go with their files", () => {
  const { objects, has, put } = fixture();
  put("one", service("a", 1), service("b", 1));
  put("two", service("c", 1));
  assert.deepEqual(has(), ["ns/a:1", "ns/b:1", "ns/c:1"]);
  put("one", service("b", 2));
  assert.deepEqual(has(), ["ns/b:2", "ns/c:1"]);
  objects.update("two", undefined);
  assert.deepEqual(has(), ["ns/b:2"]);
});

test("of an object that is in two files the first one by name is used, and the other one when it is gone", () => {
  const { objects, has, put } = fixture();
  put("two", service("a", 2));
  const problems = put("one", service("a", 1));
  assert.deepEqual(problems, ["two: Service ns/a is in one too, which is used"]);
  assert.deepEqual(has(), ["ns/a:1"]);
  objects.update("one", undefined);
  assert.deepEqual(has(), ["ns/a:2"]);
});

test("of an object that is twice in a file the first one is used", () => {
  const { has, put } = fixture();
  const problems = put("one", service("a", 1), service("a", 2));
  assert.deepEqual(problems, ["one: Service ns/a is there twice, and the first one is used"]);
  assert.deepEqual(has(), ["ns/a:1"]);
});

test("an object that is refused stays what it was; one that is new is not there", () => {
  const { objects, has, put } = fixture();
  put("one", service("a", 1), service("b", 1));
  const refused = [
    { kind: "Service", key: "ns/a" },
    { kind: "Service", key: "ns/c" },
  ];
  objects.update("one", { objects: [service("b", 2)], refused, complete: true });
  assert.deepEqual(has(), ["ns/a:1", "ns/b:2"]);
});

test("a file of which a part cannot be read loses nothing", () => {
  const { objects, has, put } = fixture();
  put("one", service("a", 1), service("b", 1));
  objects.update("one", { objects: [service("b", 2)], refused: [], complete: false });
  assert.deepEqual(has(), ["ns/a:1", "ns/b:2"]);
  put("one", service("b", 2));
  assert.deepEqual(has(), ["ns/b:2"]);
});

test("the generation counts changes of what is wished for, and nobody hears of what is the same", () => {
  const { get, put } = fixture();
  put("one", service("a", 1));
  const first = get("a");
  assert.equal(first?.metadata.generation, 1);
  put("one", service("a", 1));
  assert.equal(get("a"), first, "the same object");
  put("one", service("a", 1, { color: "red" }));
  assert.equal(get("a")?.metadata.generation, 1);
  put("one", service("a", 2));
  assert.equal(get("a")?.metadata.generation, 2);
  put("one", { ...service("a", 2), metadata: { name: "a", namespace: "ns", generation: 7 } });
  assert.equal(get("a")?.metadata.generation, 7);
});
