import assert from "node:assert/strict";
import { test } from "node:test";
import { compileTable, request, routeOf, tableOf } from "../testing/route-table.ts";

const ROUTE = "envoy.config.route.v3.Route";

function extension(type: string, fields: string): string {
  return `{ name: x, typed_config: { "@type": type.googleapis.com/${type}, ${fields} } }`;
}

function header(name: string): string {
  return extension("envoy.type.matcher.v3.HttpRequestHeaderMatchInput", `header_name: ${name}`);
}

function action(type: string, fields: string): string {
  return `{ action: ${extension(type, fields)} }`;
}

function route(name: string, match = "{ prefix: / }"): string {
  return `name: ${name}, match: ${match}, direct_response: { status: 200 }`;
}

function yaml(matcher: string, more = ""): string {
  return `virtual_hosts:\n- name: v\n  domains: ["*"]\n  matcher: ${matcher}\n${more}`;
}

const MAP = (entries: string): string =>
  `{ matcher_tree: { input: ${header("x")}, exact_match_map: { map: { ${entries} } } } }`;

void test("a tree leads to a route, whose own match counts, too", () => {
  const table = tableOf(
    yaml(MAP(`a: ${action(ROUTE, route("a"))}, b: ${action(ROUTE, route("b", "{ path: /b }"))}`)),
  );
  assert.equal(routeOf(table, request("/", "x", "a")), "a");
  assert.equal(routeOf(table, request("/b?q", "x", "b")), "b");
  assert.equal(routeOf(table, request("/", "x", "b")), null);
  assert.equal(routeOf(table, request("/")), null);
});

void test("the first route of a list that matches is taken", () => {
  const list = `routes: [{ ${route("a", "{ path: /a }")} }, { ${route("rest")} }]`;
  const table = tableOf(yaml(MAP(`l: ${action("envoy.config.route.v3.RouteList", list)}`)));
  const match = (path: string): unknown => routeOf(table, request(path, "x", "l"));
  assert.deepEqual(["/a", "/b", "/a"].map(match), ["a", "rest", "a"]);
});

void test("an action with weighted clusters chooses as any route", () => {
  const weighted =
    "weighted_clusters: { clusters: [{ name: c, weight: 1 }, { name: d, weight: 1 }] }";
  const fields = `match: { prefix: / }, route: { ${weighted} }`;
  const table = tableOf(yaml(`{ on_no_match: ${action(ROUTE, fields)} }`));
  const headers = request("/");
  const clusters = [0, 2 ** -53].map((random) =>
    table.match(headers, undefined as never, random)?.clusterName(headers),
  );
  assert.deepEqual(clusters, ["c", "d"]);
});

void test("what a matcher of routes may not say has a place and a reason", () => {
  const cases: readonly (readonly [matcher: string, problem: RegExp])[] = [
    [
      MAP(`a: { ${action(ROUTE, route("a")).slice(2, -2)}, keep_matching: true }`),
      /^4:.*matcher\.matcher_tree\.exact_match_map\.map.*: keep_matching is not supported/,
    ],
    [
      MAP(`a: ${action("google.protobuf.StringValue", "value: a")}`),
      /Didn't find a registered implementation for 'x' with type URL: 'google.protobuf.StringValue'/,
    ],
    [
      `{ matcher_tree: { input: ${extension("envoy.type.matcher.v3.HttpResponseHeaderMatchInput", "header_name: x")}, exact_match_map: { map: { a: ${action(ROUTE, route("a"))} } } } }`,
      /Route table can only match on request headers, saw type.googleapis.com\/envoy.type.matcher.v3.HttpResponseHeaderMatchInput/,
    ],
  ];
  for (const [matcher, problem] of cases)
    assert.match(compileTable(yaml(matcher)).problems[0]!, problem);
});

void test("a virtual host has a matcher or routes", () => {
  const routes = `  routes: [{ ${route("r")} }]\n`;
  const { problems } = compileTable(yaml(`{ on_no_match: ${action(ROUTE, route("a"))} }`, routes));
  assert.match(problems[0]!, /^4:virtual_hosts\[0\]\.matcher: cannot set both matcher and routes/);
});

void test("clusters that routes below a matcher name need not exist", () => {
  const fields = "match: { prefix: / }, route: { cluster: nowhere }";
  assert.deepEqual(
    compileTable(yaml(`{ on_no_match: ${action(ROUTE, fields)} }`), []).problems,
    [],
  );
});
