import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resource } from "../resources/object.ts";
import { ResourceStore } from "../resources/store.ts";
import type { Provider, ProviderSink, StatusChanges } from "./provider.ts";
import { Providers } from "./providers.ts";

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
}

function fixture(): Fixture {
  const [a, b] = [new TestProvider("a"), new TestProvider("b")];
  const store = new ResourceStore();
  const log: string[] = [];
  const providers = new Providers([a, b], {
    store,
    defaults: [namespace("default")],
    onChange: () => log.push("change"),
    onProblems: (_, lines) => log.push(...lines),
    onState: (name, { kind }) => log.push(`${name} ${kind}`),
  });
  const names = (): string[] => Array.from(store.table("Namespace").entries(), ([key]) => key);
  return { a, b, providers, log, names };
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
