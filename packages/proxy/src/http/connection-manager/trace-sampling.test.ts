import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import type { RuntimeValues } from "../../runtime/model.ts";
import { Runtime } from "../../runtime/snapshot.ts";
import type { TraceSamples } from "../trace-samples.ts";
import type { RequestIdConfig } from "./header-rules-model.ts";
import { TraceSampling } from "./trace-sampling.ts";

const ALL: TraceSamples = {
  client: { numerator: 100, denominator: 100 },
  random: { numerator: 10_000, denominator: 10_000 },
  overall: { numerator: 10_000, denominator: 10_000 },
};
const NONE = { numerator: 0, denominator: 100 };
const UUID: RequestIdConfig = { packTraceReason: true, usedForSampling: true };

function sample(
  id: string | null,
  lines: Record<string, string> = {},
  samples: Partial<TraceSamples> = {},
  config: Partial<RequestIdConfig> = {},
  ofRoute: TraceSamples | null = null,
  values: RuntimeValues = new Map(),
): [reason: string, id: string | undefined] {
  const headers = new HeaderMap();
  headers.method = "GET";
  if (id !== null) headers.add("x-request-id", id);
  for (const [name, value] of Object.entries(lines)) headers.add(name, value);
  const worker = { random: () => 0.5, runtime: new Runtime(values) };
  const rules = new TraceSampling({ ...ALL, ...samples }, { ...UUID, ...config }, worker);
  return [rules.apply(headers, ofRoute), headers.get("x-request-id")];
}

const id = (digit: string, start = "00000001"): string =>
  `${start}-2222-${digit}333-8444-555555555555`;

void test("a sample is written into the id", () => {
  assert.deepEqual(sample(id("4")), ["random_sampling", id("9")]);
});

void test("the id is the random number", () => {
  const half = { random: { numerator: 5000, denominator: 10_000 } };
  assert.deepEqual(sample(id("4", "00001387"), {}, half)[0], "random_sampling");
  assert.deepEqual(sample(id("4", "00001388"), {}, half)[0], "not_traceable");
  assert.deepEqual(sample(id("9"), {}, { overall: { numerator: 1, denominator: 10_000 } }), [
    "not_traceable",
    id("4"),
  ]);
});

void test("what an earlier proxy decided stands", () => {
  const none = { random: NONE };
  assert.deepEqual(sample(id("a"), {}, none), ["service_forced", id("a")]);
  assert.deepEqual(sample(id("b"), {}, none), ["client_enabled", id("b")]);
  assert.deepEqual(sample(id("9"), {}, none), ["random_sampling", id("9")]);
});

void test("a route has samples of its own, by denominators of its own", () => {
  const half = { ...ALL, random: { numerator: 50, denominator: 100 } };
  const reason = (start: string): string =>
    sample(id("4", start), {}, { random: NONE }, {}, half)[0];
  assert.deepEqual(["00001387", "00001388"].map(reason), ["not_traceable", "random_sampling"]);
  const none = { ...ALL, overall: NONE };
  assert.deepEqual(sample(id("a"), {}, {}, {}, none), ["not_traceable", id("4")]);
});

void test("clients and services ask by header", () => {
  const none = { random: NONE };
  const both = { "x-client-trace-id": "t", "x-envoy-force-trace": "true" };
  assert.deepEqual(sample(id("4"), both, none), ["client_enabled", id("b")]);
  assert.deepEqual(
    sample(id("4"), both, { ...none, client: { numerator: 50, denominator: 100 } })[0],
    "service_forced",
  );
});

void test("an id without a number is not traced, one that is no UUID is not changed", () => {
  assert.deepEqual(sample("mine"), ["not_traceable", "mine"]);
  assert.deepEqual(sample(null), ["not_traceable", undefined]);
  assert.deepEqual(sample("00000001-and-more"), ["random_sampling", "00000001-and-more"]);
});

void test("without packing the id stays, without its use everything is sampled", () => {
  assert.deepEqual(sample(id("a"), {}, {}, { packTraceReason: false }), [
    "random_sampling",
    id("a"),
  ]);
  const unused = { usedForSampling: false };
  assert.deepEqual(sample(id("4"), {}, { random: NONE }, unused), ["random_sampling", id("4")]);
});

void test("the runtime decides before the configuration, that of a route as well", () => {
  const none = { client: NONE, random: NONE, overall: ALL.overall };
  const half = { raw: "", fraction: { numerator: 50, denominator: 100 } };
  const values = new Map([["tracing.random_sampling", half]]);
  const reasons = ["00000031", "00000032"].map(
    (start) => sample(id("4", start), {}, {}, {}, none, values)[0],
  );
  assert.deepEqual(reasons, ["random_sampling", "not_traceable"]);
  const off = { raw: "0", uint: 0 };
  const asked = { "x-client-trace-id": "t" };
  for (const key of ["tracing.client_enabled", "tracing.random_sampling"])
    assert.equal(
      sample(id("4"), asked, {}, {}, null, new Map([[key, off]]))[0],
      key === "tracing.client_enabled" ? "random_sampling" : "client_enabled",
    );
  const never = new Map([["tracing.global_enabled", off]]);
  assert.equal(sample(id("4"), {}, {}, {}, null, never)[0], "not_traceable");
});
