import assert from "node:assert/strict";
import { test } from "node:test";
import { contextOf, matchOf, request, tableOf } from "../testing/route-table.ts";

function locationOf(redirect: string, path: string, authority = "h.com", prefix = "/"): string {
  const table = tableOf(
    `virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: ${prefix} }, redirect: { ${redirect} } }] }]`,
  );
  const headers = request(path, ":authority", authority);
  const entry = matchOf(table, headers)!;
  entry.rewritePath(headers, contextOf(headers), true);
  return entry.location(headers, contextOf(headers));
}

// Every line was seen on Envoy 1.40.

void test("https_redirect drops the default port of http only", () => {
  const to = (authority: string): string => locationOf("https_redirect: true", "/a?x", authority);
  assert.equal(to("h.com:80"), "https://h.com/a?x");
  assert.equal(to("h.com:8080"), "https://h.com:8080/a?x");
  assert.equal(to("h.com:443"), "https://h.com:443/a?x");
  assert.equal(to("[::1]:80"), "https://[::1]/a?x");
  assert.equal(to("[::1]"), "https://[::1]/a?x");
  assert.equal(to("[::1"), "https://[::1/a?x");
  assert.equal(to(""), "https:///a?x");
});

void test("scheme, host and port are replaced as configured", () => {
  assert.equal(locationOf("scheme_redirect: FTP", "/a", "h.com:80"), "FTP://h.com/a");
  assert.equal(locationOf("host_redirect: new.h", "/a?b", "h.com:80"), "http://new.h/a?b");
  assert.equal(locationOf("port_redirect: 8443", "/a", "h.com:80"), "http://h.com:8443/a");
  assert.equal(locationOf('host_redirect: "n.h:99", port_redirect: 1', "/a"), "http://n.h:99:1/a");
  assert.equal(locationOf("https_redirect: true, port_redirect: 443", "/a"), "https://h.com:443/a");
  assert.equal(locationOf("https_redirect: false", "/a", "h.com:80"), "http://h.com:80/a");
});

void test("a path replaces the path, and its query the query", () => {
  assert.equal(locationOf("path_redirect: /z", "/a?x=1"), "http://h.com/z?x=1");
  assert.equal(locationOf('path_redirect: "/z?a=b"', "/a?x=1"), "http://h.com/z?a=b");
  assert.equal(
    locationOf('path_redirect: "/z?a=b", strip_query: true', "/a?x"),
    "http://h.com/z?a=b",
  );
  assert.equal(locationOf("path_redirect: /z, strip_query: true", "/a?x"), "http://h.com/z");
  assert.equal(locationOf("path_redirect: z", "/a"), "http://h.com/z");
  assert.equal(locationOf("strip_query: true", "/a?b=1&c"), "http://h.com/a");
});

void test("a prefix or an expression rewrites the path", () => {
  assert.equal(
    locationOf("prefix_rewrite: /new", "/pre/a?b", "h.com", "/pre"),
    "http://h.com/new/a?b",
  );
  assert.equal(locationOf('prefix_rewrite: ""', "/a"), "http://h.com/a");
  assert.equal(
    locationOf('prefix_rewrite: "/a?b"', "/p/x?z", "h.com", "/p"),
    "http://h.com/a?b/x?z",
  );
  const regex = (pattern: string, substitution: string): string =>
    `regex_rewrite: { pattern: { regex: '${pattern}' }, substitution: '${substitution}' }`;
  assert.equal(
    locationOf(regex("^/rx/(.*)$", "/n/\\1"), "/rx/foo?q=/rx/"),
    "http://h.com/n/foo?q=/rx/",
  );
  assert.equal(locationOf(regex("^/rx/(.*)$", "/n/\\1"), "/rx"), "http://h.com/rx");
  assert.equal(locationOf(regex(".*", ""), "/ry/a?x"), "http://h.com/ry/a?x");
});

void test("the old path is kept for the log, and the status is as configured", () => {
  const table = tableOf(
    'virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: /a }, redirect: { prefix_rewrite: /b, response_code: PERMANENT_REDIRECT } }] }]',
  );
  const headers = request("/a/x");
  const entry = matchOf(table, headers)!;
  entry.rewritePath(headers, contextOf(headers), true);
  assert.deepEqual([headers.path, headers.get("x-envoy-original-path")], ["/b/x", "/a/x"]);
  assert.deepEqual([entry.kind, entry.responseStatus, entry.responseBody], ["redirect", 308, ""]);
});

void test("a direct response with 201 or 3xx has the URL that was asked for as its location", () => {
  const location = (status: number): string => {
    const table = tableOf(
      `virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: ${status} } }] }]`,
    );
    const headers = request("/a?b", ":authority", "h.com:80");
    return matchOf(table, headers)!.location(headers, contextOf(headers));
  };
  for (const status of [201, 302, 304]) assert.equal(location(status), "http://h.com:80/a?b");
  for (const status of [200, 204, 404, 500]) assert.equal(location(status), "");
});
