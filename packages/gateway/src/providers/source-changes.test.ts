import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Resource } from "../resources/object.ts";
import { ResourceStore } from "../resources/store.ts";
import { ProvidedObjects } from "./provided-objects.ts";
import type { SourceContent } from "./source-changes.ts";

const NAMES = ["a", "b", "c", "d"];
const POOL: readonly Resource[] = NAMES.flatMap((name) =>
  [1, 2].map((port) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "ns" },
    spec: { ports: [port] },
  })),
);

const contents: fc.Arbitrary<SourceContent | undefined> = fc.option(
  fc.record({
    objects: fc.array(fc.constantFrom(...POOL), { maxLength: 6 }),
    refused: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      fc.constant([{ kind: "Service", key: "ns/a" }]),
    ),
    complete: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
  }),
  { nil: undefined },
);

/** What is in the store; a service is its ports. */
function stored(store: ResourceStore): Record<string, unknown> {
  const services = store.table<Resource & { spec: object }>("Service").entries();
  return Object.fromEntries(Array.from(services, ([key, { spec }]) => [key, spec]));
}

type Objects = ReadonlyMap<string, Resource>;

/** The objects of a source, by looking at everything. */
function objectsNow(before: Objects, content: SourceContent | undefined): Objects {
  const { objects = [], refused = [], complete = true } = content ?? {};
  const now = new Map(objects.toReversed().map((object) => [object.metadata.name, object]));
  const stays = complete ? refused.map(() => "a") : [...before.keys()];
  for (const name of stays) {
    const old = before.get(name);
    if (old !== undefined && !now.has(name)) now.set(name, old);
  }
  return now;
}

/** What the store has of both sources: of an object that is in both the first one. */
function used(one: Objects, two: Objects): Record<string, unknown> {
  const objects = new Map([...two, ...one]);
  return Object.fromEntries(
    Array.from(objects, ([name, object]) => [
      `ns/${name}`,
      (object as Resource & { spec: object }).spec,
    ]),
  );
}

function repeats({ objects }: SourceContent): number {
  return objects.length - new Set(objects.map(({ metadata }) => metadata.name)).size;
}

test("whatever comes after what, the store has what the sources have, and the same is told", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("one" as const, "two" as const), contents), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const store = new ResourceStore();
      const objects = new ProvidedObjects(store);
      const has: Record<"one" | "two", Objects> = { one: new Map(), two: new Map() };
      for (const [source, content] of all) {
        const problems = objects.update(source, content);
        has[source] = objectsNow(has[source], content);
        assert.deepEqual(stored(store), used(has.one, has.two));
        const shared = [...has.one.keys()].filter((name) => has.two.has(name)).length;
        const expected = content === undefined ? 0 : shared + repeats(content);
        assert.equal(problems.length, expected, problems.join("\n"));
      }
    }),
    { numRuns: 3_000 },
  );
});
