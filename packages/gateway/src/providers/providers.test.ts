import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resources/object.ts";
import { ResourceStore } from "../resources/store.ts";
import type { Provider, ProviderSink, StatusChanges } from "./provider.ts";
import { Providers, type ProvidersOptions } from "./providers.ts";

function namespace(name: string): Resource {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** A provider that is done when a test says so. */
class TestProvider implements Provider {
  readonly name: string;
  readonly done: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly written: StatusChanges[] = [];
  sink!: ProviderSink;

  constructor(name: string) {
    this.name = name;
  }

  start(sink: ProviderSink): Promise<void> {
    this.sink = sink;
    return this.done.promise;
  }

  put(source: string, ...objects: Resource[]): void {
    this.sink.update(source, { objects, refused: [], complete: true });
    this.sink.changed();
  }

  writeStatuses(changed: StatusChanges): void {
    this.written.push(changed);
  }

  async close(): Promise<void> {}
}

interface Fixture {
  readonly a: TestProvider;
  readonly b: TestProvider;
  readonly providers: Providers;
  readonly log: string[];
  names(): string[];
  arrivals(): Record<string, string | undefined>;
}

function fixture(options: Partial<ProvidersOptions> = {}): Fixture {
  const [a, b] = [new TestProvider("a"), new TestProvider("b")];
  const store = new ResourceStore();
  const log: string[] = [];
  const providers = new Providers([a, b], {
    store,
    defaults: [namespace("default")],
    onChange: () => log.push("change"),
    onProblems: (_, lines) => log.push(...lines),
    onState: (name, { kind }) => log.push(`${name} ${kind}`),
    ...options,
  });
  const arrivals = (): Record<string, string | undefined> =>
    Object.fromEntries(
      Array.from(store.table("Namespace").entries(), ([key, { metadata }]) => [
        key,
        metadata.arrival,
      ]),
    );
  const names = (): string[] => Array.from(store.table("Namespace").entries(), ([key]) => key);
  return { a, b, providers, log, names, arrivals };
}

test("nobody hears of objects before all providers have given theirs", async () => {
  const { a, b, providers, log, names } = fixture();
  const started = providers.start();
  a.put("a/1", namespace("one"));
  a.done.resolve();
  assert.deepEqual(log, []);
  b.put("b/1", namespace("two"));
  b.done.resolve();
  await started;
  assert.deepEqual(log, ["change"]);
  assert.deepEqual(names().toSorted(), ["default", "one", "two"]);
  a.put("a/2", namespace("three"));
  assert.deepEqual(log, ["change", "change"]);
});

test("of an object that two providers have the source that sorts first is used", async () => {
  const { a, b, providers, log } = fixture();
  void providers.start();
  b.put("b/1", namespace("one"));
  a.put("a/1", namespace("one"));
  assert.deepEqual(log, ["b/1: Namespace one is in a/1 too, which is used"]);
});

test("an object of a provider takes the place of a default without a word", async () => {
  const { a, providers, log } = fixture();
  void providers.start();
  a.put("a/1", namespace("default"));
  assert.deepEqual(log, []);
});

test("a provider that can never begin ends the start", async () => {
  const { a, providers } = fixture();
  const started = providers.start();
  a.done.reject(new Error("a: no such file"));
  await assert.rejects(started, /^Error: a: no such file$/);
});

test("states are told and kept, statuses go to all", () => {
  const { a, b, providers, log } = fixture();
  void providers.start();
  a.sink.state({ kind: "disconnected", reason: "gone" });
  assert.deepEqual(log, ["a disconnected"]);
  assert.deepEqual([...providers.states], [["a", { kind: "disconnected", reason: "gone" }]]);
  const changed: StatusChanges = new Map([["Gateway default/a", undefined]]);
  providers.writeStatuses(changed);
  providers.writeStatuses(new Map());
  assert.deepEqual([a.written, b.written], [[changed], [changed]]);
});

const NOON = "2026-01-01T12:00:00.000Z";

/** Starts with objects. */
async function startedWith(options: Partial<ProvidersOptions>, ...names: string[]) {
  const made = fixture({ now: () => Date.parse(NOON), ...options });
  const start = made.providers.start();
  made.a.put("first", ...names.map(namespace));
  made.a.done.resolve();
  made.b.done.resolve();
  await start;
  return made;
}

test("objects that come later than others have a time, and keep it wherever they are written", async () => {
  const { a, b, arrivals } = await startedWith({}, "one", "two");
  assert.deepEqual(arrivals(), { default: undefined, one: undefined, two: undefined });
  a.put("later", namespace("three"));
  const revision = { ...namespace("four").metadata, createRevision: 7 };
  b.put("etcd", { ...namespace("four"), metadata: revision });
  const { default: _, ...now } = arrivals();
  const expected = { one: undefined, two: undefined, three: NOON, four: undefined };
  assert.deepEqual(now, expected);
  // From one file to another, together.
  a.sink.update("first", undefined);
  a.put("moved", namespace("one"), namespace("two"));
  a.put("later", { ...namespace("three"), metadata: { name: "three", labels: { new: "label" } } });
  const { default: _default, ...after } = arrivals();
  assert.deepEqual(after, expected);
  // Gone, and there again: it is a new one.
  a.put("moved", namespace("one"));
  a.put("moved", namespace("one"), namespace("two"));
  assert.equal(arrivals()["two"], NOON);
});

test("what comes together has the same time, however long it takes", async () => {
  let nowMs = Date.parse(NOON);
  const now = (): number => (nowMs += 1_000);
  const { a, arrivals } = await startedWith({ now, arrivals: new Map() }, "one", "two");
  a.sink.update("left", { objects: [namespace("three")], refused: [], complete: true });
  a.put("right", namespace("four"));
  const { default: first, one, two, three, four } = arrivals();
  assert.equal(first, "2026-01-01T12:00:01.000Z");
  assert.deepEqual([one, two], [first, first]);
  assert.equal(three, "2026-01-01T12:00:02.000Z");
  assert.equal(four, three);
});

test("what was noted before a start holds, and what came while nothing ran is younger", async () => {
  const early = "2025-01-01T00:00:00.000Z";
  const known = new Map([
    ["Namespace/one", undefined],
    ["Namespace/two", early],
    ["Namespace/default", undefined],
  ]);
  const { arrivals } = await startedWith({ arrivals: known }, "one", "two", "three");
  assert.deepEqual(arrivals(), { default: undefined, one: undefined, two: early, three: NOON });
});
