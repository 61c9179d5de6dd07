import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamInfo } from "../../observe/stream-info.ts";
import { Runtime } from "../../runtime/snapshot.ts";
import { contextOf, matchOf, request, routeOf, tableOf } from "./testing/route-table.ts";

/** A virtual host for every domain with these routes, each answering 200 and named by its first field. */
function routes(list: readonly string[], table = ""): ReturnType<typeof tableOf> {
  const lines = list.map(
    (match, i) => `  - { name: r${i}, match: { ${match} }, direct_response: { status: 200 } }`,
  );
  return tableOf(
    `${table}\nvirtual_hosts:\n- name: v\n  domains: ["*"]\n  routes:\n${lines.join("\n")}\n`,
  );
}

// Seen on Envoy 1.40.
void test("paths are matched without their query", () => {
  const table = routes([
    'prefix: "/pq?x"',
    'path: "/pathq?x"',
    "path_separated_prefix: /sep",
    "path_separated_prefix: /SEPI, case_sensitive: false",
    "prefix: /CaseI, case_sensitive: false",
    "path: /CIP, case_sensitive: false",
    'safe_regex: { regex: "/rx/(a|ab)" }',
    "safe_regex: { regex: /RXI }, case_sensitive: false",
    "path: /semi",
  ]);
  const seen: { readonly [path: string]: string | null } = {
    "/pq?x": null,
    "/pathq?x": null,
    "/sep": "r2",
    "/sep/": "r2",
    "/sep?x": "r2",
    "/sepx": null,
    "/sepi/a": "r3",
    "/casei": "r4",
    "/CASEIabc": "r4",
    "/cip?x": "r5",
    "/rx/a": "r6",
    "/rx/ab?q": "r6",
    "/rx/abc": null,
    "/rxi": null,
    "/RXI": "r7",
    "/semi;a=b": null,
    "*": null,
  };
  for (const [path, name] of Object.entries(seen))
    assert.equal(routeOf(table, request(path)), name, path);
});

// Seen on Envoy 1.40.
void test("templates look at path parameters even where others do not", () => {
  const type = "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig";
  const template = `path_match_policy: { name: t, typed_config: { "@type": type.googleapis.com/${type}, path_template: "/a/{x}" } }`;
  const table = routes([template, "path: /a/b"], "ignore_path_parameters_in_path_matching: true");
  assert.deepEqual(
    ["/a/b", "/a/b;p", "/a;p/b"].map((path) => routeOf(table, request(path))),
    ["r0", "r0", "r1"],
  );
});

void test("path parameters are left out of matching where asked for, segment by segment", () => {
  const table = routes(
    ["path: /semi", "path_separated_prefix: /sep", "path: /a/b", "prefix: /c/d", "path: /"],
    "ignore_path_parameters_in_path_matching: true",
  );
  const seen: { readonly [path: string]: string | null } = {
    "/semi;a=b": "r0",
    "/semi;a?x": "r0",
    "/semi?a;b": "r0",
    "/sep;x/y": "r1",
    "/sep/y;z": "r1",
    "/se;xp": null,
    "/a;x/b;y": "r2",
    "/a;x;z/b": "r2",
    "/a;/b": "r2",
    "/a;x?/b": null,
    "/a/;x/b": null,
    "/c;x/d/e;f": "r3",
    "/;x": "r4",
  };
  for (const [path, name] of Object.entries(seen))
    assert.equal(routeOf(table, request(path)), name, path);
});

void test("a request that no route takes has its virtual host", () => {
  const table = tableOf(`
virtual_hosts:
- name: v
  domains: [a]
  metadata: { filter_metadata: { m: { k: 1 } } }
  routes: [{ match: { path: /a }, direct_response: { status: 200 } }]
`);
  const info = new StreamInfo();
  assert.equal(table.match(request("/b", ":authority", "b"), info, 0), null);
  assert.equal(info.virtualHostName, "");
  assert.equal(table.match(request("/b", ":authority", "a"), info, 0), null);
  assert.deepEqual([info.virtualHostName, info.virtualHostMetadata], ["v", { m: { k: 1 } }]);
});

void test("the first route that matches wins, whatever is more specific", () => {
  const table = routes([
    "path: /a",
    "prefix: /a, headers: [{ name: x }]",
    "prefix: /",
    "path: /b",
    "prefix: /a",
  ]);
  assert.equal(routeOf(table, request("/a")), "r0");
  assert.equal(routeOf(table, request("/a/b", "x", "1")), "r1");
  assert.equal(routeOf(table, request("/a/b")), "r2");
  assert.equal(routeOf(table, request("/b")), "r2");
});

void test("a gRPC route takes application/grpc and application/grpc+…", () => {
  const table = routes(["prefix: /, grpc: {}"]);
  for (const [type, name] of Object.entries({
    "application/grpc": "r0",
    "application/grpc+proto": "r0",
    "application/grpc-web": null,
    "application/grpcx": null,
  })) {
    assert.equal(routeOf(table, request("/", "content-type", type)), name, type);
  }
});

void test("a runtime fraction takes its part of the random numbers", () => {
  const table = routes(["prefix: /, runtime_fraction: { default_value: { numerator: 30 } }"]);
  let taken = 0;
  for (let i = 0; i < 10_000; i++) if (routeOf(table, request("/"), i / 9973) !== null) taken++;
  assert.ok(taken > 2500 && taken < 3500, String(taken));
});

void test("a runtime fraction and weights follow the runtime", () => {
  const runtime = new Runtime();
  const table = tableOf(
    `virtual_hosts:
- name: v
  domains: ["*"]
  routes:
  - { name: r0, match: { path: /f, runtime_fraction: { default_value: {}, runtime_key: f } }, direct_response: { status: 200 } }
  - name: r1
    match: { prefix: / }
    route: { weighted_clusters: { runtime_key_prefix: w, clusters: [{ name: a, weight: 1 }, { name: b, weight: 0 }] } }
  - { name: r2, match: { prefix: / }, route: { cluster: c } }
`,
    runtime,
  );
  const clusterOf = (path: string): string | undefined =>
    matchOf(table, request(path), 0.5)?.clusterName(request(path));
  const set = (fields: Readonly<Record<string, number>>): void =>
    runtime.swap(
      new Map(Object.entries(fields).map(([key, uint]) => [key, { raw: `${uint}`, uint }])),
    );
  assert.deepEqual([routeOf(table, request("/f")), clusterOf("/")], ["r1", "a"]);
  set({ f: 100, "w.a": 0, "w.b": 3 });
  assert.deepEqual([routeOf(table, request("/f")), clusterOf("/")], ["r0", "b"]);
  set({ "w.a": 0 });
  assert.equal(routeOf(table, request("/")), "r2");
  set({});
  assert.deepEqual([routeOf(table, request("/f")), clusterOf("/")], ["r1", "a"]);
});

void test("without a virtual host for the authority, or a path, there is no route", () => {
  const table = tableOf(
    "virtual_hosts: [{ name: v, domains: [a.com], routes: [{ name: r, match: { prefix: '' }, route: { cluster: c } }] }]",
  );
  assert.equal(routeOf(table, request("/", ":authority", "A.com")), "r");
  assert.equal(matchOf(table, request("/", ":authority", "b.com")), null);
  assert.equal(matchOf(table, request("", ":authority", "a.com")), null);
});

// Seen on Envoy 1.40.
void test("require_tls redirects plain requests before any route, without edits", () => {
  const host = (mode: string): string =>
    `- { name: ${mode}, domains: [${mode}.com], require_tls: ${mode.toUpperCase()}, routes: [{ name: r, match: { path: /only }, direct_response: { status: 200 } }], response_headers_to_add: [{ header: { key: a, value: b } }] }`;
  const table = tableOf(
    `virtual_hosts:\n${["none", "external_only", "all"].map(host).join("\n")}\n`,
  );
  const entry = (mode: string, ...pairs: string[]): ReturnType<typeof matchOf> =>
    matchOf(table, request("/x?y=1", ":authority", `${mode}.com`, ...pairs));
  assert.equal(entry("none"), null);
  for (const mode of ["external_only", "all"]) {
    const redirect = entry(mode)!;
    assert.equal(redirect.kind, "redirect");
    assert.equal(redirect.responseStatus, 301);
    const headers = request("/x?y=1", ":authority", `${mode}.com`);
    assert.equal(redirect.location(headers, contextOf(headers)), `https://${mode}.com/x?y=1`);
  }
  assert.equal(entry("external_only", "x-envoy-internal", "true"), null);
  assert.equal(entry("all", "x-envoy-internal", "true")?.kind, "redirect");
  const https = request("/only", ":authority", "all.com");
  https.set("x-forwarded-proto", "https");
  assert.equal(matchOf(table, https)?.kind, "direct_response");
});

void test("a table is plain data, and a request that meets the same route meets the same entry", () => {
  const table = routes(["prefix: /"], "name: t\ninternal_only_headers: [X-Secret]");
  assert.equal(table.name, "t");
  assert.deepEqual(table.internalOnlyHeadersOf(request("/a")), new Set(["x-secret"]));
  assert.equal(matchOf(table, request("/a")), matchOf(table, request("/b")));
});
