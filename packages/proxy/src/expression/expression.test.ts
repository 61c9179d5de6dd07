import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { sampleContext } from "../observe/format/sample-context.ts";
import { compileExpressionText, compileExpressionTree } from "./compile.ts";
import { buildExpression } from "./expression.ts";
import type { Expression } from "./expression.ts";
import type { ExpressionOptions } from "./model.ts";

const DEFAULTS = { stringConversion: false, stringConcat: false, stringFunctions: false };
const ALL = { stringConversion: true, stringConcat: true, stringFunctions: true };
const NODE = { id: "n1", cluster: "nc", region: "r", zone: "z1", subZone: "" };

function build(text: string, options: ExpressionOptions = DEFAULTS): Expression {
  const compiled = compileExpressionText(text, options, NODE);
  assert.ok("plan" in compiled, "error" in compiled ? compiled.error : "");
  return buildExpression(structuredClone(compiled.plan));
}

void test("values print as Envoy prints them, as text and as JSON", () => {
  const printed: readonly (readonly [text: string, printed: string | null, json: string])[] = [
    ["request.path", "/p/a?x=1&y=%20z&x=2&e=", '"/p/a?x=1&y=%20z&x=2&e="'],
    ["request.url_path", "/p/a", '"/p/a"'],
    ["request.headers['x-dup']", "1,2", '"1,2"'],
    ["request.headers['X-Nope']", null, "null"],
    ["request.time", "2026-11-21T00:11:39.589034+00:00", '"2026-11-21T00:11:39.589034Z"'],
    ["request.duration", "18.4ms", '"0.018400s"'],
    ["response.code", "200", "200"],
    ["1.5", "1.5", "1.5"],
    ["123456789.5", "1.23457e+08", "123456789.5"],
    ["0.00001234", "1.234e-05", "1.234e-05"],
    ["b'a'", "a", '"YQ=="'],
    ["'\\u00e9'", "\xc3\xa9", '"\xc3\xa9"'],
    ["null", "NULL", "null"],
    ["{'b': [1, true], 'a': null}", "CelMap value", '{"a":null,"b":[1,true]}'],
    ["request", "CelMap value", "null"],
    ["duration('3661.5s')", "1h1m1.5s", '"3661.500s"'],
    ["xds.node.locality", '{"region":"r","zone":"z1"}', '{"region":"r","zone":"z1"}'],
    ["18446744073709551615u", "18446744073709551615", "18446744073709551616"],
  ];
  for (const [text, expected, json] of printed) {
    const expression = build(text);
    assert.equal(expression.text(sampleContext()), expected, text);
    assert.equal(expression.json(sampleContext()), json, text);
  }
});

void test("only true matches; an error does not, and is none to the caller", () => {
  assert.equal(build("request.method == 'POST'").matches(sampleContext()), true);
  assert.equal(build("request.method == 'GET'").matches(sampleContext()), false);
  assert.equal(build("request.method").matches(sampleContext()), false);
  assert.equal(build("request.headers['none'] == 'x'").matches(sampleContext()), false);
  assert.equal(build("has(nobody.x)").text(sampleContext()), null);
  assert.equal(build("nobody || true").matches(sampleContext()), true);
  assert.equal(build("'a'.matches(request.headers['bad'])").text(sampleContext()), null);
});

void test("what the options do not enable is refused, or an error where types decide", () => {
  const refused: readonly (readonly [text: string, error: RegExp])[] = [
    ["string(1)", /No overload found in reference resolve step for string$/],
    ["'a'.trim()", /for trim$/],
    ["[1].all(x, x > 0)", /Comprehension support is disabled$/],
    ["'a'.nope()", /for nope$/],
    ["size()", /for size$/],
    ["'a'.matches('(')", /invalid regular expression: /],
    ["9223372036854775808", /invalid int literal: 9223372036854775808$/],
    ["18446744073709551616u", /invalid uint literal: 18446744073709551616$/],
    ["nope.Type{}", /missing type info for 'nope.Type'$/],
    ["google.protobuf.Duration{days: 1}", /field 'days' not found in 'google.protobuf.Duration'$/],
    ["request.", /^Not able to parse expression: /],
    ["", /^Not able to parse expression: /],
  ];
  for (const [text, error] of refused) {
    const compiled = compileExpressionText(text, DEFAULTS, NODE);
    assert.match("error" in compiled ? compiled.error : "", error, text);
  }
  assert.equal(build("'a' + 'b'").text(sampleContext()), null);
  assert.equal(build("'a' + 'b'", ALL).text(sampleContext()), "ab");
  assert.equal(build("'a,b,c'.split(',', 2)[1]", ALL).text(sampleContext()), "b,c");
  assert.equal(build("string(1) + ' x '.trim()", ALL).text(sampleContext()), "1x");
  assert.equal(build("re.extract('abc', '(b)', '<\\\\1>')").text(sampleContext()), "<b>");
});

void test("a syntax tree of a configuration is as good as text", () => {
  const name = { id: 1n, exprKind: { case: "identExpr", value: { name: "request" } } };
  const select = { operand: name, field: "method", testOnly: false };
  const tree = {
    $typeName: "cel.expr.Expr",
    id: 2n,
    exprKind: { case: "selectExpr", value: select },
  };
  const compiled = compileExpressionTree(tree, DEFAULTS, NODE);
  assert.ok("plan" in compiled);
  assert.equal(buildExpression(structuredClone(compiled.plan)).text(sampleContext()), "POST");
  assert.deepEqual(compileExpressionTree(undefined, DEFAULTS, NODE), {
    error: "failed to create an expression: Invalid empty expression",
  });
});

void test("attributes of one stream do not reach into the next", () => {
  const expression = build("request.headers['a']");
  assert.equal(expression.text(sampleContext()), "value");
  assert.equal(expression.text(sampleContext({ requestHeaders: null })), null);
});

void test("a worker without expressions loads neither the library nor protobuf", () => {
  const script = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ load(url, context, next) { seen.push(url); return next(url, context); } });
    await import(${JSON.stringify(new URL("../worker/worker.ts", import.meta.url).href)});
    console.log(seen.length > 50, seen.filter((url) => url.includes("@bufbuild")).length);`;
  const flags = ["--input-type=module", "--no-warnings", "-e", script];
  assert.equal(execFileSync(process.execPath, flags, { encoding: "utf8" }).trim(), "true 0");
});
