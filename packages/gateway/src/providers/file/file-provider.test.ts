import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { GatewayClass } from "#gen/resources";
import type { Resource } from "../../resources/object.ts";
import { ResourceStore } from "../../resources/store.ts";
import { Providers } from "../providers.ts";
import { FileProvider, type FileProviderOptions } from "./file-provider.ts";

const CLASS: Resource = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "GatewayClass",
  metadata: { name: "nuncio" },
};

function gatewayClass(controllerName: string, name = "nuncio"): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: ${name} }
spec: { controllerName: ${controllerName} }
`;
}

interface Fixture {
  readonly file: string;
  readonly store: ResourceStore;
  /** What is wrong with the file now. */
  problems(): readonly string[];
  /** Writes the file, and resolves when it was read. */
  write(text: string, name?: string): Promise<void>;
}

async function fixture(
  t: TestContext,
  first: string,
  times: Pick<FileProviderOptions, "debounceMs" | "unfinishedMs"> = {
    debounceMs: 1,
    unfinishedMs: 1,
  },
): Promise<Fixture> {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-provider-"));
  const file = join(folder, "classes.yaml");
  writeFileSync(file, first);
  const store = new ResourceStore();
  let problems: readonly string[] = [];
  let changed = Promise.withResolvers<void>();
  const providers = new Providers([new FileProvider({ paths: [folder], ...times })], {
    store,
    defaults: [CLASS],
    onChange: () => changed.resolve(),
    onProblems: (_, lines) => (problems = lines),
  });
  t.after(async () => {
    await providers.close();
    rmSync(folder, { recursive: true });
  });
  await providers.start();
  return {
    file,
    store,
    problems: () => problems,
    async write(text, name = "classes.yaml") {
      changed = Promise.withResolvers<void>();
      writeFileSync(join(folder, name), text);
      await changed.promise;
    },
  };
}

test("a default is there unless a file has an object of its name", async (t) => {
  const { store, problems, write } = await fixture(t, gatewayClass("example.com/other"));
  assert.deepEqual(problems(), []);
  const controller = (): unknown =>
    (store.table("GatewayClass").peek("nuncio") as Resource & { spec?: object })?.spec;
  assert.deepEqual(controller(), { controllerName: "example.com/other" });
  await write(gatewayClass("example.com/other", "another"));
  assert.equal(controller(), undefined, "the default has none here");
  assert.deepEqual(Array.from(store.table("GatewayClass").entries(), ([key]) => key).toSorted(), [
    "another",
    "nuncio",
  ]);
});

test("what is wrong is told with its place, and leaves what was there", async (t) => {
  const { store, problems, write } = await fixture(t, gatewayClass("example.com/one", "a"));
  assert.deepEqual(problems(), []);
  await write(gatewayClass("example.com/one", "a").replace("controllerName", "controllerNme"));
  assert.match(problems().join("\n"), /classes\.yaml:5:\d+ GatewayClass a: .*controllerNme/);
  assert.ok(store.table("GatewayClass").peek("a"));
  await write("half: [written");
  assert.match(problems().join("\n"), /classes\.yaml:1:/);
  assert.ok(store.table("GatewayClass").peek("a"));
  await write(gatewayClass("example.com/one", "b"));
  assert.deepEqual(problems(), []);
  assert.equal(store.table("GatewayClass").peek("a"), undefined);
});

test("a file that is emptied has what it had, until it is whole or gone", async (t) => {
  const { file, store, problems, write } = await fixture(t, gatewayClass("example.com/one", "a"));
  const names = (): string[] =>
    Array.from(store.table("GatewayClass").entries(), ([key]) => key).toSorted();
  await write("");
  assert.match(problems().join("\n"), /classes\.yaml: the file is empty/);
  assert.deepEqual(names(), ["a", "nuncio"]);
  await write(gatewayClass("example.com/one", "b"));
  assert.deepEqual(problems(), []);
  assert.deepEqual(names(), ["b", "nuncio"]);
  await write("");
  await write("# nothing any more\n");
  assert.deepEqual(names(), ["nuncio"]);
  await write(gatewayClass("example.com/one", "c"));
  await write("");
  rmSync(file);
  while (names().length > 1) await setImmediate();
});

test("a file that ends within a line is taken when no more comes", async (t) => {
  const { file, store, problems, write } = await fixture(t, gatewayClass("example.com/one", "a"), {
    debounceMs: 1,
    unfinishedMs: 3_600_000,
  });
  const has = (name: string): boolean => store.table("GatewayClass").peek(name) !== undefined;
  const whole = gatewayClass("example.com/one", "abc");
  for (const [index, end] of [0, 60, whole.indexOf("c }")].entries()) {
    writeFileSync(file, whole.slice(0, end));
    // What comes behind it was read: so was this.
    await write(gatewayClass("example.com/one", `other-${index}`), "others.yaml");
    assert.deepEqual([has("a"), has(`other-${index}`), problems()], [true, true, []]);
  }
  await write(whole);
  assert.deepEqual([has("a"), has("abc")], [false, true]);
});

test("a file without a last line break is taken all the same", async (t) => {
  const { store, write } = await fixture(t, gatewayClass("example.com/one", "a"));
  await write(gatewayClass("example.com/one", "b").trimEnd());
  assert.ok(store.table("GatewayClass").peek("b"));
});

/** Files of so much are read into memory that is used again. */
const FILLER = `# ${"-".repeat(97)}\n`.repeat(4_000);

/** A large file of three classes. What changes is in the one in the middle, which is called `b`. */
function largeFile(controllerName: string): string {
  const [first, last] = ["a", "c"].map((name) => gatewayClass("example.com/other", name));
  return [first, gatewayClass(controllerName, "b"), FILLER, last].join("---\n");
}

function controllerOf(store: ResourceStore, name: string): string | undefined {
  return store.table<GatewayClass>("GatewayClass").peek(name)?.spec.controllerName;
}

test("a large file that was left alone while it was being written is taken as it is then", async (t) => {
  const { file, store, write } = await fixture(t, largeFile("example.com/1"), {
    debounceMs: 1,
    unfinishedMs: 3_600_000,
  });
  for (const number of [2, 3, 4, 5]) {
    const whole = largeFile(`example.com/${number}`);
    for (const index of [0, 1].slice(number % 2)) {
      writeFileSync(file, whole.slice(0, -2));
      // What comes behind it was read: so was this.
      await write(gatewayClass("example.com/other", `other-${number}-${index}`), "others.yaml");
      assert.equal(controllerOf(store, "b"), `example.com/${number - 1}`);
    }
    await write(whole);
    assert.equal(controllerOf(store, "b"), `example.com/${number}`);
  }
});

test("a large file is taken as it is, though its folder changes with it", async (t) => {
  const { file, store, write } = await fixture(t, largeFile("example.com/1"));
  for (const number of [2, 3, 4, 5]) {
    chmodSync(dirname(file), number % 2 === 0 ? 0o755 : 0o700);
    await write(largeFile(`example.com/${number}`));
    assert.equal(controllerOf(store, "b"), `example.com/${number}`);
  }
});

test("a large file without a last line break is taken as it is, and again", async (t) => {
  const { store, write } = await fixture(t, largeFile("example.com/1"));
  for (const number of [2, 3, 4, 5]) {
    const whole = largeFile(`example.com/${number}`);
    await write(number % 2 === 0 ? whole.trimEnd() : whole);
    assert.equal(controllerOf(store, "b"), `example.com/${number}`);
  }
});
