import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import type { JsonObject } from "@bufbuild/protobuf";
import { Problems, envoyTypes } from "@nuncio/api";
import type { SubstitutionFormatString } from "@nuncio/api/types/envoy/config/core/v3/substitution_format_string_pb";
import type { CompileContext } from "../../config/context.ts";
import { testCompileContext } from "../../config/testing/compile-context.ts";
import type { FormatContext } from "../stream-info.ts";
import { compileFormatString } from "./compile.ts";
import { buildFormatter } from "./formatter.ts";
import { sampleClock, sampleContext, sampleHeaders } from "./sample-context.ts";

function message(
  format: SubstitutionFormatString["format"],
  omitEmptyValues = false,
): SubstitutionFormatString {
  const desc = envoyTypes().getMessage("envoy.config.core.v3.SubstitutionFormatString")!;
  const fields: Record<string, unknown> = { format, omitEmptyValues };
  return create(desc, fields) as SubstitutionFormatString;
}

function compileContext(): CompileContext {
  return testCompileContext(
    new Problems({ locate: (_message, field = "") => ({ place: null, path: field }) }),
  );
}

function json(
  format: JsonObject,
  context: FormatContext = sampleContext(),
  omitEmptyValues = false,
): string {
  const ctx = compileContext();
  const { plan } = compileFormatString(
    message({ case: "jsonFormat", value: format }, omitEmptyValues),
    ctx,
  );
  assert.deepEqual(ctx.problems.list, []);
  return buildFormatter(structuredClone(plan), sampleClock).text(context);
}

/** With what real Envoy 1.40 printed for it. */
const SHAPES: JsonObject = {
  num: 1,
  big: [1e15, 1e20, 123456789012345680000, 0.1, 1e-5, -0, 100.5],
  bool: true,
  nul: null,
  empty: "",
  pct: "100%%",
  nest: { z: "%PROTOCOL%", a: { q: "lit" } },
  list: ["%RESPONSE_CODE%", "x", null, { q: "%REQ(nope)%" }, ["%REQ(nope)%"]],
  mix: "x %REQ(nope)%",
  mixnum: "x %RESPONSE_CODE% y",
  two: "%RESPONSE_CODE%%RESPONSE_CODE%",
  none: "%REQ(nope)%",
  emptyobj: {},
  emptylist: [],
  deep: { y: { z: "%REQ(nope)%" } },
  Zup: "1",
  "10": 1,
  "9": 2,
  é: "\u0001\t\u2028<>/",
};

void test("JSON keeps types, sorts keys by their bytes, and ends the line", () => {
  assert.equal(
    json(SHAPES),
    '{"10":1,"9":2,"Zup":"1","big":[1e+15,1e+20,123456789012345683968,0.1,1e-05,-0,100.5],"bool":true,' +
      '"deep":{"y":{"z":null}},"empty":"","emptylist":[],"emptyobj":{},' +
      '"list":[200,"x",null,{"q":null},[null]],"mix":"x -","mixnum":"x 200 y",' +
      '"nest":{"a":{"q":"lit"},"z":"HTTP/1.1"},"none":null,"nul":null,"num":1,"pct":"100%","two":"200200",' +
      '"\xc3\xa9":"\\u0001\\t\xe2\x80\xa8<>/"}\n',
  );
});

void test("omit_empty_values leaves out nulls and empty objects, but no lists", () => {
  assert.equal(
    json(SHAPES, sampleContext(), true),
    '{"10":1,"9":2,"Zup":"1","big":[1e+15,1e+20,123456789012345683968,0.1,1e-05,-0,100.5],"bool":true,' +
      '"empty":"","emptylist":[],"list":[200,"x",[]],"mix":"x ","mixnum":"x 200 y",' +
      '"nest":{"a":{"q":"lit"},"z":"HTTP/1.1"},"num":1,"pct":"100%","two":"200200",' +
      '"\xc3\xa9":"\\u0001\\t\xe2\x80\xa8<>/"}\n',
  );
  assert.equal(json({ a: "%REQ(nope)%" }, sampleContext(), true), "{}\n");
});

void test("header bytes are escaped as Envoy escapes them: UTF-8 stays, other bytes are written out", () => {
  const context = (value: string): FormatContext =>
    sampleContext({ requestHeaders: sampleHeaders("a", value) });
  assert.equal(
    json({ a: "%REQ(a)%" }, context('\xc3\xa9"\\/\x7f')),
    '{"a":"\xc3\xa9\\"\\\\/\x7f"}\n',
  );
  assert.equal(
    json({ a: "%REQ(a)%" }, context('\xc3\xa9\xff"\\')),
    '{"a":"\\u00c3\\u00a9\\u00ff\\u0022\\u005c"}\n',
  );
  assert.equal(
    json({ a: "x%REQ(a)%y" }, context("\xc3\xa9\x80")),
    '{"a":"x\\u00c3\\u00a9\\u0080y"}\n',
  );
});

void test("metadata keeps its type", () => {
  const context = sampleContext();
  context.streamInfo.routeMetadata = { ns: { s: 'é"', n: 1.5, b: true, o: { z: 1, a: [null] } } };
  assert.equal(
    json(
      { s: "%METADATA(ROUTE:ns:s)%", cut: "%METADATA(ROUTE:ns:s):2%", n: "%METADATA(ROUTE:ns:n)%" },
      context,
    ),
    '{"cut":"\xc3\xa9","n":1.5,"s":"\xc3\xa9\\""}\n',
  );
  assert.equal(
    json(
      { b: "%METADATA(ROUTE:ns:b)%", o: "%METADATA(ROUTE:ns:o)%", m: "a %METADATA(ROUTE:ns:o)%" },
      context,
    ),
    '{"b":true,"m":"a {\\"a\\":[null],\\"z\\":1}","o":{"a":[null],"z":1}}\n',
  );
});

void test("COALESCE keeps the type of what it chose", () => {
  assert.equal(
    json({ a: '%COALESCE({"operators":["RESPONSE_CODE","PROTOCOL"]})%' }),
    '{"a":200}\n',
  );
  assert.equal(json({ a: '%COALESCE({"operators":["PROTOCOL"]}):4%' }), '{"a":"HTTP"}\n');
});

void test("a mistake deep in a JSON format is a problem of the field", () => {
  const ctx = compileContext();
  compileFormatString(message({ case: "jsonFormat", value: { a: [{ b: "%FOO%" }], c: "%" } }), ctx);
  assert.deepEqual(
    ctx.problems.list.map(({ path, message: text }) => [path, text]),
    [
      ["json_format", "a[0].b: Not supported field in StreamInfo: FOO"],
      ["json_format", "c: Incorrect configuration: %. Couldn't find valid command at position 0"],
    ],
  );
});

void test("formatter extensions bring commands", () => {
  const typed = (type: string): object => ({
    name: "x",
    typedConfig: { typeUrl: `type.googleapis.com/${type}` },
  });
  const desc = envoyTypes().getMessage("envoy.config.core.v3.SubstitutionFormatString")!;
  const compile = (type: string): { text: string; problems: string[] } => {
    const ctx = compileContext();
    const init = {
      format: { case: "textFormat", value: "%REQ_WITHOUT_QUERY(:path)%" },
      formatters: [typed(type)],
    };
    const { plan } = compileFormatString(
      create(desc, init as Record<string, unknown>) as SubstitutionFormatString,
      ctx,
    );
    const text = buildFormatter(plan, sampleClock).text(sampleContext());
    return { text, problems: ctx.problems.list.map((problem) => problem.message) };
  };
  assert.deepEqual(compile("envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery"), {
    text: "/p/a",
    problems: [],
  });
  assert.deepEqual(compile("envoy.extensions.formatter.metadata.v3.Metadata").problems, [
    "Not supported field in StreamInfo: REQ_WITHOUT_QUERY",
  ]);
});

void test("text_format_source is read from a file or the environment; what is not there is a problem", () => {
  const read = (specifier: object): { text: string; problems: string[] } => {
    const ctx = compileContext();
    const source = message({
      case: "textFormatSource",
      value: { specifier },
    } as SubstitutionFormatString["format"]);
    const text = buildFormatter(compileFormatString(source, ctx).plan, sampleClock).text(
      sampleContext(),
    );
    return { text, problems: ctx.problems.list.map((problem) => problem.path) };
  };
  process.env["NUNCIO_TEST_FORMAT"] = "%PROTOCOL%";
  assert.deepEqual(read({ case: "environmentVariable", value: "NUNCIO_TEST_FORMAT" }), {
    text: "HTTP/1.1",
    problems: [],
  });
  assert.deepEqual(read({ case: "inlineBytes", value: Buffer.from("é") }), {
    text: "\xc3\xa9",
    problems: [],
  });
  assert.match(
    read({ case: "filename", value: import.meta.filename }).problems.join(),
    /^text_format_source$/,
  );
  assert.deepEqual(read({ case: "filename", value: "/nowhere/format" }).problems, ["filename"]);
  assert.deepEqual(read({ case: "environmentVariable", value: "NUNCIO_TEST_NONE" }).problems, [
    "environment_variable",
  ]);
});
