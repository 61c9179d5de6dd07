import assert from "node:assert/strict";
import { test } from "node:test";
import { compileExpressionText } from "../../expression/compile.ts";
import { sampleContext, sampleHeaders } from "../format/sample-context.ts";
import type { FormatContext } from "../stream-info.ts";
import { ResponseFlag } from "../stream-info.ts";
import { buildAccessLogFilter } from "./filter.ts";
import type { MatcherBuilders } from "./filter.ts";
import type { AccessLogFilterConfig } from "./model.ts";
import { SampleWorker } from "./sample-worker.ts";

/** Header and string matchers that stand for the real ones: a name, a text. */
const matchers: MatcherBuilders = {
  header: (name) => (headers) => headers.has(name as string),
  string: (text) => (value) => value === text,
};

function logs(
  config: AccessLogFilterConfig,
  context: FormatContext = sampleContext(),
  worker = new SampleWorker(),
): boolean {
  return buildAccessLogFilter(structuredClone(config), worker, matchers)(context);
}

void test("status codes and durations are compared", () => {
  const context = sampleContext();
  context.streamInfo.responseCode = 404;
  const status = (op: "EQ" | "GE" | "LE" | "NE", value: number): boolean =>
    logs({ kind: "status_code", op, value: { value } }, context);
  assert.deepEqual([status("EQ", 404), status("EQ", 400)], [true, false]);
  assert.deepEqual([status("GE", 404), status("GE", 405)], [true, false]);
  assert.deepEqual([status("LE", 404), status("LE", 403)], [true, false]);
  assert.deepEqual([status("NE", 403), status("NE", 404)], [true, false]);
  const duration = (value: number): boolean =>
    logs({ kind: "duration", op: "GE", value: { value } }, context);
  assert.deepEqual([duration(18), duration(19)], [true, false]);
});

void test("health checks are left out", () => {
  const context = sampleContext();
  assert.equal(logs({ kind: "not_health_check" }, context), true);
  context.streamInfo.healthCheck = true;
  assert.equal(logs({ kind: "not_health_check" }, context), false);
});

void test("runtime filters follow the request id, so that all proxies log the same requests", () => {
  const runtime = {
    kind: "runtime",
    sample: { numerator: 30, denominator: 100 },
    independentRandomness: false,
  } as const;
  const withId = (id: string): FormatContext =>
    sampleContext({ requestHeaders: sampleHeaders("x-request-id", id) });
  assert.equal(logs(runtime, withId("0000001d-0000-4000-8000-000000000000")), true);
  assert.equal(logs(runtime, withId("0000001e-0000-4000-8000-000000000000")), false);
  const worker = new SampleWorker();
  worker.drawn = 0.31;
  assert.equal(logs(runtime, withId("own-id"), worker), false);
  assert.equal(
    logs({ ...runtime, independentRandomness: true }, withId("00000000-"), worker),
    false,
  );
  worker.drawn = 0.29;
  assert.equal(
    logs({ ...runtime, independentRandomness: true }, withId("ffffffff-"), worker),
    true,
  );
});

void test("the runtime sets what is compared, and how many of the denominator are logged", () => {
  const worker = new SampleWorker();
  const set = (fields: Readonly<Record<string, number>>): void =>
    worker.runtime.swap(
      new Map(Object.entries(fields).map(([key, uint]) => [key, { raw: `${uint}`, uint }])),
    );
  const context = sampleContext();
  context.streamInfo.responseCode = 404;
  const build = (config: AccessLogFilterConfig): (() => boolean) => {
    const filter = buildAccessLogFilter(config, worker, matchers);
    return () => filter(context);
  };
  const status = build({ kind: "status_code", op: "EQ", value: { value: 404, key: "s" } });
  const sample = { numerator: 0, denominator: 10_000, key: "r" };
  const sampled = build({ kind: "runtime", sample, independentRandomness: true });
  worker.drawn = 0.5;
  assert.deepEqual([status(), sampled()], [true, false]);
  set({ s: 500, r: 5001 });
  assert.deepEqual([status(), sampled()], [false, true]);
  set({ r: 100 });
  assert.deepEqual([status(), sampled()], [true, false]);
});

void test("filters are joined with and, or", () => {
  const yes: AccessLogFilterConfig = { kind: "not_health_check" };
  const no: AccessLogFilterConfig = { kind: "status_code", op: "EQ", value: { value: 1 } };
  assert.deepEqual(
    [logs({ kind: "and", filters: [yes, yes] }), logs({ kind: "and", filters: [yes, no] })],
    [true, false],
  );
  assert.deepEqual(
    [logs({ kind: "or", filters: [no, yes] }), logs({ kind: "or", filters: [no, no] })],
    [true, false],
  );
});

void test("headers of the request are asked, none of a TCP connection", () => {
  assert.equal(logs({ kind: "header", matcher: "a" }), true);
  assert.equal(logs({ kind: "header", matcher: "nope" }), false);
  assert.equal(
    logs({ kind: "header", matcher: "a" }, sampleContext({ requestHeaders: null })),
    false,
  );
});

void test("response flags: any of the named ones", () => {
  const context = sampleContext();
  const flags = ResponseFlag.NoRouteFound | ResponseFlag.NoClusterFound;
  assert.equal(logs({ kind: "response_flag", flags }, context), false);
  context.streamInfo.responseFlags = ResponseFlag.NoClusterFound | ResponseFlag.DelayInjected;
  assert.equal(logs({ kind: "response_flag", flags }, context), true);
});

void test("gRPC status, excluded or included; no status is unknown", () => {
  const context = sampleContext({ responseTrailers: sampleHeaders("grpc-status", "14") });
  assert.equal(logs({ kind: "grpc_status", statuses: [14], exclude: false }, context), true);
  assert.equal(logs({ kind: "grpc_status", statuses: [14], exclude: true }, context), false);
  context.streamInfo.responseCode = 0;
  const none = { ...context, responseTrailers: null, responseHeaders: null };
  assert.equal(logs({ kind: "grpc_status", statuses: [2], exclude: false }, none), true);
});

void test("access log types", () => {
  assert.equal(logs({ kind: "log_type", types: ["DownstreamEnd"], exclude: false }), true);
  assert.equal(logs({ kind: "log_type", types: ["DownstreamEnd"], exclude: true }), false);
});

void test("an expression that is true logs; nothing is traceable", () => {
  const options = { stringConversion: false, stringConcat: false, stringFunctions: false };
  const node = { id: "", cluster: "", region: "", zone: "", subZone: "" };
  const expression = (text: string): boolean => {
    const compiled = compileExpressionText(text, options, node);
    assert.ok("plan" in compiled);
    return logs({ kind: "expression", expression: compiled.plan }, sampleContext());
  };
  assert.deepEqual(
    [expression("response.code < 400"), expression("response.code"), expression("nobody")],
    [true, false, false],
  );
  assert.equal(logs({ kind: "traceable" }, sampleContext()), false);
});

void test("dynamic metadata is matched by value", () => {
  const context = sampleContext();
  context.streamInfo.dynamicMetadata = { ns: { n: 5, s: "x", b: true, z: null, l: [1, "x"] } };
  type Value = (AccessLogFilterConfig & { kind: "metadata" })["value"];
  const metadata = (key: string, value: Value, matchIfKeyNotFound = false): boolean =>
    logs({ kind: "metadata", path: ["ns", key], value, matchIfKeyNotFound }, context);
  assert.deepEqual(
    [metadata("n", { kind: "double", value: 5 }), metadata("n", { kind: "double", value: 6 })],
    [true, false],
  );
  const range = { kind: "range", start: 1, end: 5 } as const;
  assert.deepEqual([metadata("n", range), metadata("n", { ...range, end: 6 })], [false, true]);
  assert.deepEqual(
    [
      metadata("s", { kind: "string", matcher: "x" }),
      metadata("n", { kind: "string", matcher: "x" }),
    ],
    [true, false],
  );
  assert.deepEqual(
    [metadata("b", { kind: "bool", value: true }), metadata("b", { kind: "bool", value: false })],
    [true, false],
  );
  assert.deepEqual(
    [metadata("z", { kind: "null" }), metadata("b", { kind: "null" })],
    [true, false],
  );
  assert.equal(metadata("l", { kind: "list", oneOf: { kind: "string", matcher: "x" } }), true);
  assert.equal(
    metadata("n", { kind: "or", matchers: [{ kind: "null" }, { kind: "present", present: true }] }),
    true,
  );
  assert.deepEqual(
    [metadata("no", { kind: "null" }), metadata("no", { kind: "null" }, true)],
    [false, true],
  );
  assert.equal(metadata("n", null, true), true);
});
