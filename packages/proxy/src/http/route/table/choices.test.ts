import assert from "node:assert/strict";
import { test } from "node:test";
import { compileTable, contextOf, matchOf, request, tableOf } from "../testing/route-table.ts";

const SPECIFIERS = "type.googleapis.com/envoy.extensions.router.cluster_specifiers.matcher.v3";
const ACTION = (cluster: string): string =>
  `{ action: { name: a, typed_config: { "@type": ${SPECIFIERS}.ClusterAction, cluster: ${cluster} } } }`;
const MATCHER = `{ name: m, typed_config: { "@type": ${SPECIFIERS}.MatcherClusterSpecifier, cluster_matcher: { matcher_tree: { input: { name: i, typed_config: { "@type": type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput, header_name: x-to } }, exact_match_map: { map: { one: ${ACTION("c1")}, two: ${ACTION("c2")} } } } } } }`;
const STRUCT = '{ name: p, typed_config: { "@type": type.googleapis.com/google.protobuf.Struct } }';

function hosts(action: string): string {
  return `virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { ${action} } }] }]`;
}

void test("a matcher chooses the cluster of each request", () => {
  for (const text of [
    hosts(`inline_cluster_specifier_plugin: { extension: ${MATCHER} }, prefix_rewrite: /new`),
    `cluster_specifier_plugins: [{ extension: ${MATCHER} }]\n${hosts("cluster_specifier_plugin: m, prefix_rewrite: /new")}`,
  ]) {
    const table = tableOf(text);
    const clusterOf = (...pairs: string[]): string => {
      const headers = request("/a", ...pairs);
      const entry = matchOf(table, headers)!;
      entry.finalizeRequestHeaders(headers, contextOf(headers), false);
      assert.equal(headers.path, "/newa");
      return entry.clusterName(headers);
    };
    assert.equal(clusterOf("x-to", "one"), "c1");
    assert.equal(clusterOf("x-to", "two"), "c2");
    assert.equal(clusterOf("x-to", "three"), "");
    assert.equal(clusterOf(), "");
  }
});

void test("a request has no route where an optional plugin is not there", () => {
  const table = tableOf(
    `cluster_specifier_plugins: [{ extension: ${STRUCT}, is_optional: true }]\n${hosts("cluster_specifier_plugin: p")}`,
  );
  assert.equal(matchOf(table, request("/")), null);
});

void test("a plugin must be there", () => {
  const problems = (text: string): string[] =>
    compileTable(text).problems.map((problem) => problem.slice(problem.indexOf(": ") + 2));
  assert.deepEqual(problems(hosts("cluster_specifier_plugin: p")), [
    "Unknown cluster specifier plugin name: p is used in the route",
  ]);
  const missing =
    "Didn't find a registered implementation for 'p' with type URL: 'google.protobuf.Struct'";
  assert.deepEqual(problems(hosts(`inline_cluster_specifier_plugin: { extension: ${STRUCT} }`)), [
    missing,
  ]);
});
