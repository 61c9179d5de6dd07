import assert from "node:assert/strict";
import { test } from "node:test";
import { compileTable, contextOf, matchOf, request, tableOf } from "../testing/route-table.ts";

const TEMPLATE = (path: string): string =>
  `path_match_policy: { name: t, typed_config: { "@type": type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig, path_template: "${path}" } }`;
const REWRITE = (path: string): string =>
  `path_rewrite_policy: { name: r, typed_config: { "@type": type.googleapis.com/envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig, path_template_rewrite: "${path}" } }`;

function hosts(match: string, action: string): string {
  return `virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { ${match} }, route: { cluster: c, ${action} } }] }]`;
}

/** Path and Host behind the rewrites of a route, and the original ones that it keeps. */
function rewritten(text: string, path: string, ...pairs: string[]): (string | undefined)[] {
  const headers = request(path, ...pairs);
  const entry = matchOf(tableOf(text), headers)!;
  entry.finalizeRequestHeaders(headers, contextOf(headers), true);
  const originals = ["x-envoy-original-path", "x-envoy-original-host"];
  return [headers.path, headers.authority, ...originals.map((name) => headers.get(name))];
}

void test("a template is rewritten by its variables", () => {
  const text = hosts(TEMPLATE("/a/{x}/{y=**}"), REWRITE("/{y}/b{x}"));
  assert.deepEqual(rewritten(text, "/a/1/2/3?q"), ["/2/3/b1?q", "h.com", "/a/1/2/3?q", undefined]);
});

void test("a template that makes no expression takes no path", () => {
  const table = tableOf(hosts(TEMPLATE("/a**"), "prefix_rewrite: ''"));
  assert.equal(matchOf(table, request("/a")), null);
});

void test("a format gives the path, and one that comes to nothing leaves it", () => {
  const text = hosts("prefix: /", "path_rewrite: '%REQ(x-to)%'");
  assert.equal(rewritten(text, "/a?q", "x-to", "/new")[0], "/new?q");
  assert.deepEqual(rewritten(text, "/a?q"), ["/a?q", "h.com", undefined, undefined]);
});

void test("a format gives the Host", () => {
  const text = hosts("prefix: /", "host_rewrite: '%REQ(x-to)%.test'");
  assert.deepEqual(rewritten(text, "/", "x-to", "t"), ["/", "t.test", undefined, "h.com"]);
  assert.equal(rewritten(text, "/")[1], "-.test");
});

void test("a path whose parameters were looked past keeps them, and its prefix if they are in it", () => {
  const text = `ignore_path_parameters_in_path_matching: true\n${hosts("prefix: /a/", "prefix_rewrite: /n/")}`;
  assert.equal(rewritten(text, "/a/x;v?q")[0], "/n/x;v?q");
  assert.equal(rewritten(text, "/a;v/x")[0], "/a;v/x");
});

void test("rewrites that contradict each other are refused", () => {
  const only = "Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy";
  const cases: readonly (readonly [string, string, string])[] = [
    ["prefix: /", "prefix_rewrite: /a, path_rewrite: /b", only],
    [TEMPLATE("/{a}"), `path_rewrite: /b, ${REWRITE("/{a}")}`, only],
    [TEMPLATE("/{a}"), "prefix_rewrite: /a", "Cannot use prefix_rewrite with matcher extension"],
    [
      TEMPLATE("/{a}"),
      REWRITE("/{b}"),
      "mismatch between variables in path_match_policy /{a} and path_rewrite_policy /{b}",
    ],
    [TEMPLATE("/{a}"), REWRITE("/{a"), "path_rewrite_policy.path_template_rewrite /{a is invalid"],
    [
      TEMPLATE("/{a}{b}"),
      "timeout: 1s",
      'path_match_policy.path_template /{a}{b} is invalid: Invalid suffix literal: "{b}"',
    ],
    [
      "prefix: /",
      REWRITE("/a"),
      "unable to use envoy.path.rewrite.uri_template.uri_template_rewriter extension without envoy.path.match.uri_template.uri_template_matcher extension",
    ],
  ];
  for (const [match, action, expected] of cases) {
    const { problems } = compileTable(hosts(match, action));
    assert.deepEqual(
      problems.map((text) => text.slice(text.indexOf(": ") + 2)),
      [expected],
    );
  }
});
