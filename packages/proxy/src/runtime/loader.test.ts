import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { RUNTIME_STATS } from "../observe/stats/tables/runtime.ts";
import { FakeRegistry } from "../upstream/testing/fake-registry.ts";
import { fakeStats } from "../upstream/testing/fake-worker.ts";
import type { RuntimeLayerConfig, RuntimeLayerTarget } from "./layer.ts";
import { RuntimeLoader } from "./loader.ts";
import { RuntimeCounts } from "./runtime-counts.ts";
import { structLayer } from "./struct-layer.ts";

const ADMIN: RuntimeLayerConfig = { kind: "admin", name: "admin" };

function fixed(name: string, fields: Parameters<typeof structLayer>[0]): RuntimeLayerConfig {
  return { kind: "static", name, values: structLayer(fields, () => assert.fail()) };
}

function disk(t: TestContext): RuntimeLayerConfig & { readonly kind: "disk" } {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-runtime-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { kind: "disk", name: "disk", symlinkRoot: folder, folder };
}

/** A loader that counts. */
function load(...layers: RuntimeLayerConfig[]): {
  loader: RuntimeLoader;
  stat: (name: keyof typeof RUNTIME_STATS.at) => number;
} {
  const loader = new RuntimeLoader({ layers });
  const stats = fakeStats();
  loader.countInto(new RuntimeCounts(new FakeRegistry(), stats));
  return { loader, stat: (name) => stats.slots[RUNTIME_STATS.at[name]]! };
}

void test("later layers win, key by key", () => {
  const { loader, stat } = load(fixed("a", { x: { y: 1, z: 1 } }), fixed("b", { "x.y": 2 }));
  assert.equal(loader.runtime.integer("x.y", 0), 2);
  assert.equal(loader.runtime.integer("x.z", 0), 1);
  assert.deepEqual([stat("num_layers"), stat("num_keys"), stat("load_success")], [2, 2, 2]);
});

void test("values of admin come and go, and the workers hear of it", () => {
  const { loader, stat } = load(fixed("a", { x: 1 }), ADMIN);
  const heard: (string | undefined)[] = [];
  loader.observe({ onChange: (values) => heard.push(values.get("x")?.raw), warn() {} });
  assert.equal(loader.mergeAdmin(new Map([["x", "5"]])), null);
  assert.equal(loader.runtime.integer("x", 0), 5);
  assert.equal(stat("admin_overrides_active"), 1);
  assert.equal(loader.mergeAdmin(new Map([["x", ""]])), null);
  assert.equal(loader.runtime.integer("x", 0), 1);
  assert.equal(stat("admin_overrides_active"), 0);
  assert.deepEqual(heard, ["5", "1"]);
  assert.equal(stat("load_success"), 4);
});

void test("without a layer of admin nothing is set", () => {
  const { loader } = load(fixed("a", { x: 1 }));
  assert.equal(loader.mergeAdmin(new Map([["x", "5"]])), "No admin layer specified");
  assert.equal(loader.runtime.integer("x", 0), 1);
});

void test("a layer on disk is read anew when it is asked for; one that is not there is none", (t) => {
  const layer = disk(t);
  writeFileSync(join(layer.folder, "x"), "2");
  const { loader, stat } = load(fixed("a", { x: 1 }), layer);
  assert.equal(loader.runtime.integer("x", 0), 2);
  writeFileSync(join(layer.folder, "x"), "3");
  loader.reload();
  assert.equal(loader.runtime.integer("x", 0), 3);
  rmSync(layer.folder, { recursive: true });
  loader.reload();
  assert.equal(loader.runtime.integer("x", 0), 1);
  assert.deepEqual([stat("num_layers"), stat("load_success"), stat("load_error")], [1, 4, 0]);
});

void test("a layer on disk that cannot be read is left out, with an error", (t) => {
  const layer = disk(t);
  const { loader, stat } = load(fixed("a", { x: 1 }), layer);
  const warnings: string[] = [];
  loader.observe({ onChange() {}, warn: (text) => warnings.push(text) });
  writeFileSync(join(layer.folder, "x"), "{");
  loader.reload();
  assert.equal(loader.runtime.integer("x", 0), 1);
  assert.deepEqual([stat("load_success"), stat("load_error"), stat("num_layers")], [2, 1, 1]);
  assert.match(
    warnings[0]!,
    /^error loading runtime values for layer disk from disk: .*x: .*without its/,
  );
});

void test("a source keeps its layer up to date, and is told what it may not bring", () => {
  const rtds: RuntimeLayerConfig = {
    kind: "rtds",
    name: "r",
    resourceName: "some",
    configSource: undefined,
  };
  const { loader } = load(fixed("a", { x: 1 }), rtds);
  let target!: RuntimeLayerTarget;
  loader.attach({ follow: (_layer, given) => (target = given), close() {} });
  assert.equal(loader.runtime.integer("x", 0), 1);
  target.set({ x: 2 });
  assert.equal(loader.runtime.integer("x", 0), 2);
  const wrong = { message: "Invalid runtime entry value for x.y" };
  assert.throws(() => target.set({ x: { y: null } }), wrong);
  assert.equal(loader.runtime.integer("x", 0), 2);
  target.remove();
  assert.equal(loader.runtime.integer("x", 0), 1);
});

void test("keys of Envoy that mean nothing here are warned of once, before anybody listens as well", () => {
  const { loader } = load(fixed("a", { "health_check.min_interval": 1 }), ADMIN);
  const values = { "upstream.use_http3": "0", "my.own.key": "1" };
  loader.mergeAdmin(new Map(Object.entries(values)));
  loader.reload();
  const warnings: string[] = [];
  loader.observe({ onChange() {}, warn: (text) => warnings.push(text) });
  loader.reload();
  assert.deepEqual(warnings, [
    "runtime key upstream.use_http3 has no effect: there is no HTTP/3 yet",
  ]);
});
