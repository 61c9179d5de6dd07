import assert from "node:assert/strict";
import { test } from "node:test";
import { matchOf, request, tableOf } from "../testing/route-table.ts";

function table(weighted: string): ReturnType<typeof tableOf> {
  return tableOf(
    `virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { weighted_clusters: { ${weighted} }, metadata_match: { filter_metadata: { envoy.lb: { a: 1, b: 1 } } } } }] }]`,
  );
}

void test("clusters are drawn by weight, and one of weight 0 never", () => {
  const built = table(
    "clusters: [{ name: a, weight: 1 }, { name: none, weight: 0 }, { name: b, weight: 3 }]",
  );
  const counts: Record<string, number> = {};
  for (let i = 0; i < 10_000; i++) {
    const name = matchOf(built, request("/"), (i / 9973) % 1)!.clusterName(request("/"));
    counts[name] = (counts[name] ?? 0) + 1;
  }
  assert.deepEqual(Object.keys(counts).toSorted(), ["a", "b"]);
  assert.ok(counts["a"]! > 2000 && counts["a"]! < 3000, JSON.stringify(counts));
});

// Seen on Envoy 1.40, with weights 1 and 99.
void test("a header with one number draws instead of chance", () => {
  const built = table(
    "header_name: X-R, clusters: [{ name: a, weight: 1 }, { name: b, weight: 99 }]",
  );
  const drawn = (...values: string[]): string => {
    const headers = request("/", ...values.flatMap((value) => ["x-r", value]));
    // By chance it would be b.
    return matchOf(built, headers, 0.123)!.clusterName(headers);
  };
  for (const value of [
    "0",
    "100",
    "200",
    " 100",
    "+100",
    "18446744073709551600",
    "9007199254741000",
  ]) {
    assert.equal(drawn(value), "a", value);
  }
  for (const value of ["1", "99", "abc", "-100", "18446744073709551616"])
    assert.equal(drawn(value), "b", value);
  assert.equal(drawn("100", "100"), "b", "more than one line");
});

void test("a weighted cluster may be named by a header", () => {
  const headers = request("/", "x-clu", "up", "x-clu", "other");
  const built = table("clusters: [{ cluster_header: X-Clu, weight: 1 }]");
  assert.equal(matchOf(built, headers)!.clusterName(headers), "up");
  assert.equal(matchOf(built, request("/"))!.clusterName(request("/")), "");
});

void test("a weighted cluster's metadata for the load balancer goes over the route's", () => {
  const built = table(
    "clusters: [{ name: a, weight: 1, metadata_match: { filter_metadata: { envoy.lb: { b: 2 } } } }]",
  );
  assert.deepEqual(matchOf(built, request("/"))!.metadataMatch, { a: 1, b: 2 });
});

void test("cluster_header names the cluster; header values are bytes, cluster names text", () => {
  const built = tableOf(
    'virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster_header: X-Clu } }] }]',
  );
  const headers = request("/", "x-clu", "\xc3\xa9");
  assert.equal(matchOf(built, headers)!.clusterName(headers), "é");
  assert.equal(matchOf(built, headers)!.clusterName(request("/")), "");
});
