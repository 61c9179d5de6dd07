import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { checkImplemented, envoyTypes, load, mergeImplemented, validate } from "@nuncio/api";
import type { Problem } from "@nuncio/api";
import type { AccessLog as AccessLogMessage } from "@nuncio/api/types/envoy/config/accesslog/v3/accesslog_pb";
import { testCompileContext } from "../../config/testing/compile-context.ts";
import { sampleContext } from "../format/sample-context.ts";
import { AccessLogManager } from "./access-log-manager.ts";
import { ACCESS_LOG_TYPES } from "./access-log-types.ts";
import { compileAccessLogs } from "./compile.ts";
import { implemented } from "./implemented.ts";
import type { AccessLogConfig } from "./model.ts";
import { SampleWorker } from "./sample-worker.ts";

/** Matchers are of other rooms. */
const TABLE = mergeImplemented([
  implemented,
  { "envoy.config.route.v3.HeaderMatcher": "all", "envoy.type.matcher.v3.StringMatcher": "all" },
]);

const DEFAULT_LINE =
  '[2026-11-21T00:11:39.589Z] "POST /p/a?x=1&y=%20z&x=2&e= HTTP/1.1" 200 - 3 5 18 12 "-" "test" "7b47904e-dc2d" ' +
  '"h.com" "10.1.10.23:8080"\n';

/** Compiles loggers written as YAML, one document each; the stand-in matchers keep the message's own text. */
function compile(...yaml: readonly string[]): {
  configs: AccessLogConfig[];
  problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const configs = yaml.flatMap((content) => {
    const loaded = load<AccessLogMessage>("envoy.config.accesslog.v3.AccessLog", [
      { name: "log.yaml", content },
    ]);
    validate(loaded);
    checkImplemented(loaded.message, TABLE, loaded.problems);
    const matchers = { header: ({ name }: { name: string }) => name, string: () => "text" };
    const ctx = testCompileContext(loaded.problems, { matchers });
    const compiled = compileAccessLogs([loaded.message], ctx, matchers);
    problems.push(...loaded.problems.list);
    return compiled;
  });
  return { configs: structuredClone(configs), problems };
}

function fileLog(path: string, more = ""): string {
  return [
    "name: f",
    "typed_config:",
    '  "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
    `  path: ${path}`,
    more,
  ].join("\n");
}

function manager(): AccessLogManager {
  const matchers = { header: () => () => true, string: () => () => true };
  return new AccessLogManager(new SampleWorker(), matchers);
}

function logPath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-log-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "access.log");
}

/** The line that a logger of this YAML writes about the sample. */
function line(t: TestContext, more: string): string {
  const path = logPath(t);
  const { configs, problems } = compile(fileLog(path, more));
  assert.deepEqual(
    problems.filter((problem) => problem.severity === "error"),
    [],
  );
  const [log] = manager().build(configs);
  log!.log(sampleContext());
  log!.close();
  return readFileSync(path, "latin1");
}

void test("a file without a format gets Envoy's default line", (t) => {
  assert.equal(line(t, ""), DEFAULT_LINE);
  assert.equal(line(t, '  format: ""'), DEFAULT_LINE);
});

void test("each way to write a format works", (t) => {
  assert.equal(line(t, '  format: "F %REQ(nope)%"'), "F -");
  const json = '{"a":200,"b":null}\n';
  assert.equal(line(t, '  json_format: { b: "%REQ(nope)%", a: "%RESPONSE_CODE%" }'), json);
  assert.equal(line(t, '  typed_json_format: { b: "%REQ(nope)%", a: "%RESPONSE_CODE%" }'), json);
  assert.equal(
    line(t, '  log_format: { json_format: { b: "%REQ(nope)%", a: "%RESPONSE_CODE%" } }'),
    json,
  );
  assert.equal(line(t, '  log_format: { text_format: "%PROTOCOL%" }'), "HTTP/1.1");
  assert.equal(
    line(
      t,
      '  log_format: { text_format_source: { inline_string: "é" }, omit_empty_values: true }',
    ),
    "\xc3\xa9",
  );
});

void test("loggers of one path share a file and its buffer; it is written when the last one closes", (t) => {
  const path = logPath(t);
  const { configs } = compile(fileLog(path, '  format: "1\\n"'), fileLog(path, '  format: "2\\n"'));
  const logs = manager().build(configs);
  for (const log of logs) log.log(sampleContext());
  logs[0]!.close();
  logs[0]!.close();
  assert.equal(readFileSync(path, "latin1"), "");
  logs[1]!.close();
  assert.equal(readFileSync(path, "latin1"), "1\n2\n");
});

void test("the filter decides", (t) => {
  const path = logPath(t);
  const filter =
    "filter: { status_code_filter: { comparison: { op: GE, value: { default_value: 400, runtime_key: k } } } }";
  const { configs } = compile(`${fileLog(path)}\n${filter}`);
  const [log] = manager().build(configs);
  const context = sampleContext();
  log!.log(context);
  context.streamInfo.responseCode = 503;
  log!.log(context);
  log!.close();
  assert.match(readFileSync(path, "latin1"), /^\S+ "POST \S+ HTTP\/1.1" 503 [^\n]*\n$/);
});

void test("the device files and stream loggers are the standard streams", () => {
  const stream = (type: string): string =>
    `name: s\ntyped_config: { "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.${type} }`;
  const { configs } = compile(
    fileLog("/dev/stdout"),
    fileLog("/dev/stderr"),
    stream("StdoutAccessLog"),
    stream("StderrAccessLog"),
  );
  assert.deepEqual(
    configs.map((config) => config.kind === "lines" && config.target.kind),
    ["stdout", "stderr", "stdout", "stderr"],
  );
});

void test("each filter compiles to plain data", () => {
  const filters: readonly (readonly [yaml: string, config: AccessLogConfig["filter"]])[] = [
    [
      "duration_filter: { comparison: { op: NE, value: { default_value: 5, runtime_key: k } } }",
      { kind: "duration", op: "NE", value: { value: 5, key: "k" } },
    ],
    ["not_health_check_filter: {}", { kind: "not_health_check" }],
    [
      "runtime_filter: { runtime_key: k, percent_sampled: { numerator: 5, denominator: TEN_THOUSAND } }",
      {
        kind: "runtime",
        sample: { numerator: 5, denominator: 10_000, key: "k" },
        independentRandomness: false,
      },
    ],
    [
      "and_filter: { filters: [{ not_health_check_filter: {} }, { header_filter: { header: { name: a, present_match: true } } }] }",
      { kind: "and", filters: [{ kind: "not_health_check" }, { kind: "header", matcher: "a" }] },
    ],
    ["response_flag_filter: {}", { kind: "response_flag", flags: 0x3fffffff }],
    ["response_flag_filter: { flags: [LH, UH] }", { kind: "response_flag", flags: 3 }],
    [
      "grpc_status_filter: { statuses: [UNAVAILABLE], exclude: true }",
      { kind: "grpc_status", statuses: [14], exclude: true },
    ],
    [
      "log_type_filter: { types: [TcpConnectionEnd] }",
      { kind: "log_type", types: ["TcpConnectionEnd"], exclude: false },
    ],
    [
      "metadata_filter: { matcher: { filter: ns, path: [{ key: k }], value: { or_match: { value_matchers: [{ double_match: { exact: 2 } }, { string_match: { exact: x } }] } } } }",
      {
        kind: "metadata",
        path: ["ns", "k"],
        value: {
          kind: "or",
          matchers: [
            { kind: "double", value: 2 },
            { kind: "string", matcher: "text" },
          ],
        },
        matchIfKeyNotFound: true,
      },
    ],
  ];
  for (const [yaml, config] of filters) {
    const { configs, problems } = compile(`${fileLog("/dev/stdout")}\nfilter: { ${yaml} }`);
    assert.deepEqual(problems, [], yaml);
    assert.deepEqual(configs[0]!.filter, config, yaml);
  }
});

function extensionFilter(type: string, fields: string): string {
  const url = `type.googleapis.com/envoy.extensions.access_loggers.filters.${type}`;
  const config = `{ "@type": ${url}, ${fields} }`;
  return `${fileLog("/dev/stdout")}\nfilter: { extension_filter: { name: x, typed_config: ${config} } }`;
}

void test("what cannot be done is refused by name, at its place", () => {
  const errors = (yaml: string): string[] =>
    compile(yaml).problems.map(({ path, message }) => `${path}: ${message}`);
  assert.deepEqual(
    errors(
      fileLog("/dev/stdout", '  log_format: { text_format_source: { inline_string: "%FOO%" } }'),
    ),
    ["typed_config.log_format.text_format_source: Not supported field in StreamInfo: FOO"],
  );
  const nested = '{ "a": { "b": ["x", "%PROTOCOL% %FOO%"] } }';
  assert.deepEqual(errors(fileLog("/dev/stdout", `  log_format: { json_format: ${nested} }`)), [
    "typed_config.log_format.json_format: a.b[1]: Not supported field in StreamInfo: FOO (at position 11)",
  ]);
  assert.deepEqual(errors(fileLog("/")), [
    "typed_config.path: unable to open file '/': illegal operation on a directory",
  ]);
  assert.deepEqual(errors("name: x"), [
    "typed_config: Didn't find a registered implementation for 'x' with type URL: ''",
  ]);
  const grpc = "envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig";
  assert.match(
    errors(`name: g\ntyped_config: { "@type": type.googleapis.com/${grpc} }`).join(),
    /typed_config: not implemented yet: envoy\.extensions\.access_loggers\.grpc\.v3\.HttpGrpcAccessLogConfig/,
  );
  assert.match(
    errors(
      extensionFilter(
        "process_ratelimit.v3.ProcessRateLimitFilter",
        "dynamic_config: { resource_name: r }",
      ),
    ).join(),
    /dynamic_config: not implemented yet: \S+ProcessRateLimitFilter\.dynamic_config/,
  );
  assert.match(
    errors(extensionFilter("cel.v3.ExpressionFilter", 'expression: "request."')).join(),
    /typed_config\.expression: Not able to parse expression: /,
  );
});

void test("access log types stand at the numbers of the API", () => {
  const values = envoyTypes().getEnum("envoy.data.accesslog.v3.AccessLogType")!.values;
  for (const { name, number } of values) assert.equal(ACCESS_LOG_TYPES[number], name);
});
