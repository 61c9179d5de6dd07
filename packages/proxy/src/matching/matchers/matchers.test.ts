import assert from "node:assert/strict";
import { test } from "node:test";
import type { WorkerContext } from "../../base/worker-context.ts";
import { Runtime } from "../../runtime/snapshot.ts";
import type { HashFractionConfig, HashMatcherConfig } from "./hash-config.ts";
import type { IpMatcherConfig } from "./ip-model.ts";
import type { MetadataMatcherConfig } from "./metadata-config.ts";
import { inputMatcherWorkerSides } from "./worker-registry.ts";

const MATCHERS = "envoy.extensions.matching.input_matchers";

function build(
  type: string,
  plain: IpMatcherConfig | MetadataMatcherConfig | HashMatcherConfig | HashFractionConfig,
  slots = new Float64Array(1),
  runtime = new Runtime(),
): (value: unknown) => boolean {
  const worker = { stats: { slots }, runtime } as unknown as WorkerContext;
  return inputMatcherWorkerSides.get(`${MATCHERS}.${type}`)!.build(plain as never, worker);
}

void test("Ip takes addresses of its ranges, and counts what is no address", () => {
  const slots = new Float64Array(1);
  const config = {
    ranges: [
      { ip: "10.0.0.0", bits: 8 },
      { ip: "2001:db8::", bits: 32 },
    ],
    scope: { base: 0, histogramBase: 0, prefix: "p." },
  };
  const matches = build("ip.v3.Ip", config, slots);
  assert.deepEqual(["10.1.2.3", "2001:db8::1"].map(matches), [true, true]);
  assert.deepEqual(["11.0.0.1", "::1", "", null].map(matches), [false, false, false, false]);
  assert.equal(slots[0], 0);
  assert.equal(matches("10.1.2.3:80"), false);
  assert.equal(slots[0], 1);
});

void test("Metadata tests a value, missing or not, and nothing else", () => {
  const string = { kind: "exact", value: "v", ignoreCase: false } as const;
  const value = { kind: "string", matcher: string } as const;
  const plain = build("metadata.v3.Metadata", { value, invert: false });
  const inverted = build("metadata.v3.Metadata", { value, invert: true });
  const inputs = [{ value: "v" }, { value: "w" }, { value: undefined }, "v", null];
  assert.deepEqual(inputs.map(plain), [true, false, false, false, false]);
  assert.deepEqual(inputs.map(inverted), [false, true, true, false, false]);
});

void test("a hash is in its range or not; no value never is", () => {
  const share = (numerator: number): HashFractionConfig => ({
    seed: 0n,
    fraction: { numerator, denominator: 100, key: "k" },
  });
  assert.equal(build("runtime_fraction.v3.RuntimeFraction", share(100))("x"), true);
  assert.equal(build("runtime_fraction.v3.RuntimeFraction", share(100))(null), false);
  assert.equal(build("runtime_fraction.v3.RuntimeFraction", share(0))("x"), false);
  const runtime = new Runtime();
  const matches = build("runtime_fraction.v3.RuntimeFraction", share(0), undefined, runtime);
  runtime.swap(new Map([["k", { raw: "100", uint: 100 }]]));
  assert.equal(matches("x"), true);
  // The hash of "a" is 15154266338359012955.
  const five = { seed: 0n, modulo: 10, from: 5, to: 10 };
  assert.equal(build("consistent_hashing.v3.ConsistentHashing", five)("a"), true);
  assert.equal(build("consistent_hashing.v3.ConsistentHashing", { ...five, from: 6 })("a"), false);
});
