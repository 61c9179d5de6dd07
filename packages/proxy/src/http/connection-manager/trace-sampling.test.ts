import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import type { RequestIdConfig, TraceSamplingConfig } from "./header-rules-model.ts";
import { TraceSampling } from "./trace-sampling.ts";

const ALL: TraceSamplingConfig = {
  clientSampling: 100,
  randomSampling: 10_000,
  overallSampling: 10_000,
};
const UUID: RequestIdConfig = { packTraceReason: true, usedForSampling: true };

function sample(
  id: string | null,
  lines: Record<string, string> = {},
  sampling: Partial<TraceSamplingConfig> = {},
  config: Partial<RequestIdConfig> = {},
): [reason: string, id: string | undefined] {
  const headers = new HeaderMap();
  headers.method = "GET";
  if (id !== null) headers.add("x-request-id", id);
  for (const [name, value] of Object.entries(lines)) headers.add(name, value);
  const rules = new TraceSampling({ ...ALL, ...sampling }, { ...UUID, ...config }, () => 0.5);
  return [rules.apply(headers), headers.get("x-request-id")];
}

const id = (digit: string, start = "00000001"): string =>
  `${start}-2222-${digit}333-8444-555555555555`;

void test("a sample is written into the id", () => {
  assert.deepEqual(sample(id("4")), ["random_sampling", id("9")]);
});

void test("the id is the random number", () => {
  const half = { randomSampling: 5000 };
  assert.deepEqual(sample(id("4", "00001387"), {}, half)[0], "random_sampling");
  assert.deepEqual(sample(id("4", "00001388"), {}, half)[0], "not_traceable");
  assert.deepEqual(sample(id("9"), {}, { overallSampling: 1 }), ["not_traceable", id("4")]);
});

void test("what an earlier proxy decided stands", () => {
  const none = { randomSampling: 0 };
  assert.deepEqual(sample(id("a"), {}, none), ["service_forced", id("a")]);
  assert.deepEqual(sample(id("b"), {}, none), ["client_enabled", id("b")]);
  assert.deepEqual(sample(id("9"), {}, none), ["random_sampling", id("9")]);
});

void test("clients and services ask by header", () => {
  const none = { randomSampling: 0 };
  const both = { "x-client-trace-id": "t", "x-envoy-force-trace": "true" };
  assert.deepEqual(sample(id("4"), both, none), ["client_enabled", id("b")]);
  assert.deepEqual(sample(id("4"), both, { ...none, clientSampling: 50 })[0], "service_forced");
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
  assert.deepEqual(sample(id("4"), {}, { randomSampling: 0 }, unused), [
    "random_sampling",
    id("4"),
  ]);
});
