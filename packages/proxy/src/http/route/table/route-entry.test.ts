import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderMap } from "@nuncio/codec";
import { Hash64 } from "../../../base/hash64.ts";
import { sampleContext, sampleHeaders } from "../../../observe/format/sample-context.ts";
import { StreamInfo } from "../../../observe/stream-info.ts";
import type { RouteEntry } from "../entry.ts";
import { matchOf, request, tableOf } from "../testing/route-table.ts";

// What is expected here was seen on Envoy 1.40.

function host(routes: readonly string[], vhost = "", table = ""): ReturnType<typeof tableOf> {
  return tableOf(
    `${table}\nvirtual_hosts:\n- name: v\n  domains: ["*"]\n  ${vhost}\n  routes:\n${routes.map((route) => `  - ${route}\n`).join("")}`,
  );
}

function entryOf(route: string, path = "/"): RouteEntry {
  return matchOf(host([route]), request(path))!;
}

function finalize(entry: RouteEntry, headers: HeaderMap, insertOriginals = true): HeaderMap {
  entry.finalizeRequestHeaders(
    headers,
    sampleContext({ requestHeaders: headers }),
    insertOriginals,
  );
  return headers;
}

/** Requests with their fate under one action: path → new `:path`, null when it stays. */
function assertRewrites(
  match: string,
  action: string,
  paths: { readonly [path: string]: string | null },
): void {
  for (const [path, rewritten] of Object.entries(paths)) {
    const entry = entryOf(`{ match: { ${match} }, route: { cluster: c, ${action} } }`, path);
    const headers = finalize(entry, request(path));
    assert.equal(headers.path, rewritten ?? path, `${action} on ${path}`);
    assert.equal(headers.get("x-envoy-original-path"), rewritten === null ? undefined : path);
  }
}

void test("a prefix rewrite replaces what was matched and keeps the query", () => {
  assertRewrites("prefix: /p", "prefix_rewrite: /n/", { "/p": "/n/", "/p/a?p=1": "/n//a?p=1" });
  assertRewrites("path: /exact", "prefix_rewrite: /ne", { "/exact?x": "/ne?x" });
  assertRewrites("safe_regex: { regex: /rg.* }", "prefix_rewrite: /nr", {
    "/rgabc?d=1": "/nr?d=1",
  });
  assertRewrites("path_separated_prefix: /sep", "prefix_rewrite: /x", {
    "/sep/a": "/x/a",
    "/sep?z": "/x?z",
  });
  assertRewrites("prefix: /CI, case_sensitive: false", "prefix_rewrite: /lower", {
    "/cI/a": "/lower/a",
  });
  assertRewrites("prefix: /q", 'prefix_rewrite: "/n?a=b"', { "/q?z": "/n?a=b?z" });
  assertRewrites("prefix: /same", "prefix_rewrite: /same", { "/same/a": "/same/a" });
  assertRewrites("prefix: /", "timeout: 1s", { "/a": null });
});

void test("a regex rewrite sees the path without its query, and never makes it empty", () => {
  const rewrite = (regex: string, substitution: string): string =>
    `regex_rewrite: { pattern: { regex: '${regex}' }, substitution: '${substitution}' }`;
  assertRewrites("prefix: /", rewrite("^/x/([^/]+)(/.*)$", "\\2/instance/\\1"), {
    "/x/svc/v1/api?x=/x/": "/v1/api/instance/svc?x=/x/",
    "/x/svc": "/x/svc",
  });
  assertRewrites("prefix: /", rewrite("one", "two"), { "/one/y/one?one": "/two/y/two?one" });
  assertRewrites("prefix: /", rewrite("^/x9", ""), { "/x9?a": null, "/x9/b": "/b" });
});

void test("without originals only the path itself changes", () => {
  const entry = entryOf(
    "{ match: { prefix: / }, route: { cluster: c, prefix_rewrite: /z, host_rewrite_literal: new } }",
  );
  const headers = finalize(entry, request("/a"), false);
  assert.deepEqual([headers.path, headers.authority], ["/za", "new"]);
  assert.deepEqual(headers.entries, ["x-forwarded-proto", "http"]);
});

/** `host`, `x-envoy-original-host` and `x-forwarded-host` after an action. */
function hostAfter(
  action: string,
  path = "/",
  ...pairs: readonly string[]
): (string | undefined)[] {
  const entry = entryOf(
    `{ match: { prefix: / }, route: { cluster: c, append_x_forwarded_host: true, ${action} } }`,
  );
  const headers = finalize(entry, request(path, ...pairs));
  return [headers.authority, headers.get("x-envoy-original-host"), headers.get("x-forwarded-host")];
}

void test("the Host is rewritten to a literal, a header or by the path", () => {
  assert.deepEqual(hostAfter("host_rewrite_literal: new.host"), ["new.host", "h.com", "h.com"]);
  assert.deepEqual(hostAfter("host_rewrite_literal: h.com"), ["h.com", "h.com", "h.com"]);
  const byHeader = "host_rewrite_header: X-Host";
  assert.deepEqual(hostAfter(byHeader, "/", "x-host", "a.b"), ["a.b", "h.com", "h.com"]);
  assert.deepEqual(hostAfter(byHeader, "/", "x-host", "a.b", "x-host", "c.d"), [
    "a.b",
    "h.com",
    "h.com",
  ]);
  assert.deepEqual(hostAfter(byHeader, "/", "x-host", ""), ["h.com", undefined, undefined]);
  assert.deepEqual(hostAfter(byHeader), ["h.com", undefined, undefined]);
  const byPath =
    "host_rewrite_path_regex: { pattern: { regex: '^/rx/([^/]+)/.*$' }, substitution: '\\1.example' }";
  assert.deepEqual(hostAfter(byPath, "/rx/foo/bar?x=/rx/z/z"), ["foo.example", "h.com", "h.com"]);
  assert.deepEqual(hostAfter(byPath, "/rx/foo"), ["/rx/foo", "h.com", "h.com"]);
  assert.deepEqual(hostAfter("auto_host_rewrite: true"), ["h.com", undefined, undefined]);
});

void test("x-forwarded-host is appended unless its last value is the Host", () => {
  const after = (...values: string[]): string | undefined =>
    hostAfter(
      "host_rewrite_literal: new",
      "/",
      ...values.flatMap((value) => ["x-forwarded-host", value]),
    )[2];
  assert.equal(after("a, h.com"), "a, h.com,h.com");
  assert.equal(after("h.com, b"), "h.com, b,h.com");
  assert.equal(after("q", "h.com"), "q,h.com");
  assert.equal(after("h.com"), "h.com");
});

const EDITS = (name: string): string =>
  `request_headers_to_add: [{ header: { key: x-l, value: ${name} } }], response_headers_to_add: [{ header: { key: x-rl, value: ${name} } }], request_headers_to_remove: [x-rm-${name}]`;

function edited(mostSpecificWins: boolean): { request: HeaderMap; response: HeaderMap } {
  const block = (name: string, indent: string): string =>
    `request_headers_to_add: [{ header: { key: x-l, value: ${name} } }]\n${indent}response_headers_to_add: [{ header: { key: x-rl, value: ${name} } }]`;
  const cluster = `{ name: c, weight: 1, host_rewrite_literal: w.host, ${EDITS("weighted")} }`;
  const table = host(
    [
      `{ match: { prefix: / }, route: { weighted_clusters: { clusters: [${cluster}] } }, ${EDITS("route")} }`,
    ],
    block("vhost", "  "),
    `most_specific_header_mutations_wins: ${mostSpecificWins}\n${block("table", "")}`,
  );
  const headers = request("/", "x-rm-route", "1", "x-rm-weighted", "1", "x-keep", "1");
  const entry = matchOf(table, headers)!;
  finalize(entry, headers);
  const response = sampleHeaders();
  entry.finalizeResponseHeaders(response, sampleContext());
  return { request: headers, response };
}

void test("headers are edited from the weighted cluster out to the table", () => {
  const { request: headers, response } = edited(false);
  assert.deepEqual(headers.getAll("x-l"), ["weighted", "route", "vhost", "table"]);
  assert.deepEqual(response.getAll("x-rl"), ["weighted", "route", "vhost", "table"]);
  assert.deepEqual(
    [headers.has("x-rm-route"), headers.has("x-rm-weighted"), headers.has("x-keep")],
    [false, false, true],
  );
  assert.deepEqual(
    [headers.authority, headers.get("x-envoy-original-host")],
    ["w.host", undefined],
  );
});

void test("with most_specific_header_mutations_wins the route comes last, and the weighted cluster still first", () => {
  const { request: headers, response } = edited(true);
  assert.deepEqual(headers.getAll("x-l"), ["weighted", "table", "vhost", "route"]);
  assert.deepEqual(response.getAll("x-rl"), ["weighted", "table", "vhost", "route"]);
});

void test("a route's settings come out, with Envoy's defaults for the rest", () => {
  const plain = entryOf("{ match: { prefix: / }, route: { cluster: c } }");
  assert.deepEqual(
    [
      plain.kind,
      plain.clusterName(request("/")),
      plain.timeoutMs,
      plain.clusterNotFoundStatus,
      plain.priority,
    ],
    ["route", "c", 15_000, 503, "default"],
  );
  assert.deepEqual(
    [plain.idleTimeoutMs, plain.maxStreamDurationMs, plain.metadata],
    [undefined, undefined, null],
  );
  assert.deepEqual(
    [plain.hashPolicies, plain.metadataMatch, plain.autoHostRewrite],
    [null, null, false],
  );
  const full =
    entryOf(`{ name: full, match: { prefix: / }, metadata: { filter_metadata: { a: { b: 1 } } }, route: {
      cluster: c, cluster_not_found_response_code: NOT_FOUND, timeout: 0s, idle_timeout: 1.5s, priority: HIGH,
      max_stream_duration: { max_stream_duration: 2s }, auto_host_rewrite: true, metadata_match: { filter_metadata: { envoy.lb: { v: 1 } } },
      hash_policy: [{ header: { header_name: X-H }, terminal: true }, { query_parameter: { name: q } }, { connection_properties: { source_ip: true } }] } }`);
  assert.deepEqual(
    [full.routeName, full.virtualHostName, full.metadata],
    ["full", "v", { a: { b: 1 } }],
  );
  assert.deepEqual(
    [full.clusterNotFoundStatus, full.timeoutMs, full.idleTimeoutMs],
    [404, 0, 1500],
  );
  assert.deepEqual(
    [full.maxStreamDurationMs, full.priority, full.autoHostRewrite],
    [2000, "high", true],
  );
  assert.deepEqual(full.metadataMatch, { v: 1 });
  const hash = new Hash64();
  const withoutHeader = full.hashPolicies!.hash(request("/?q=1"), new StreamInfo(), null, hash);
  assert.deepEqual([withoutHeader, hash.toHex()], [true, "b7b41276360564d4"]);
});

void test("max_stream_duration, even an empty one, takes the timeout away", () => {
  const timeoutMs = (action: string): number =>
    entryOf(`{ match: { prefix: / }, route: { cluster: c, ${action} } }`).timeoutMs;
  assert.equal(timeoutMs("timeout: 3s"), 3000);
  assert.equal(timeoutMs("timeout: 3s, max_stream_duration: { max_stream_duration: 7s }"), 0);
  assert.equal(timeoutMs("max_stream_duration: {}"), 0);
});

void test("limits of a route's buffer replace those of its virtual host", () => {
  const limits = (route: string, vhost: string): unknown[] => {
    const entry = matchOf(
      host([`{ match: { prefix: / }, route: { cluster: c }${route} }`], vhost),
      request("/"),
    )!;
    return [entry.bufferLimitBytes, entry.bufferLimitCapBytes];
  };
  assert.deepEqual(limits("", ""), [undefined, undefined]);
  assert.deepEqual(limits("", "request_body_buffer_limit: 5"), [5, undefined]);
  assert.deepEqual(limits(", per_request_buffer_limit_bytes: 7", "request_body_buffer_limit: 5"), [
    undefined,
    7,
  ]);
  assert.deepEqual(
    limits(", per_request_buffer_limit_bytes: 7, request_body_buffer_limit: 6", ""),
    [6, undefined],
  );
});

const BUFFER = "envoy.extensions.filters.http.buffer.v3.Buffer";

void test("filter configurations are found from the weighted cluster up to the table", () => {
  const any = (bytes: number): string =>
    `{ "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute, buffer: { max_request_bytes: ${bytes} } }`;
  const off = '{ "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true }';
  const cluster = `{ name: c, weight: 1, typed_per_filter_config: { f: ${any(1)} } }`;
  const table = host(
    [
      `{ match: { prefix: /w }, route: { weighted_clusters: { clusters: [${cluster}] } } }`,
      `{ match: { prefix: /off }, route: { cluster: c }, typed_per_filter_config: { f: ${off} } }`,
    ],
    `typed_per_filter_config: { f: ${any(3)}, g: ${any(4)} }`,
    `typed_per_filter_config: { f: ${any(5)} }`,
  );
  const configs = (entry: RouteEntry): (readonly (string | undefined)[])[] =>
    ["f", "g", "h"].map((name) =>
      entry.perFilterConfigs(name, BUFFER).map((built) => (built as string).slice(-1)),
    );
  const weighted = matchOf(table, request("/w"))!;
  assert.deepEqual(configs(weighted), [["5", "3", "1"], ["4"], []]);
  assert.equal(weighted.perFilterConfig("f", BUFFER), "Buffer 1");
  assert.equal(weighted.perFilterConfig("f", BUFFER), weighted.perFilterConfig("f", BUFFER));
  assert.equal(weighted.perFilterConfig("h", BUFFER), null);
  // What the filter of another type would build from it is nothing that this one knows.
  assert.equal(weighted.perFilterConfig("f", "envoy.extensions.filters.http.cors.v3.Cors"), null);
  assert.deepEqual(
    weighted.perFilterConfigs("f", "envoy.extensions.filters.http.cors.v3.Cors"),
    [],
  );
  assert.deepEqual(
    [weighted.filterDisabled("f"), weighted.filterDisabled("h")],
    [false, undefined],
  );
  const disabled = matchOf(table, request("/off"))!;
  assert.deepEqual([disabled.filterDisabled("f"), disabled.filterDisabled("g")], [true, false]);
  assert.deepEqual(configs(disabled), [["5", "3"], ["4"], []]);
});
