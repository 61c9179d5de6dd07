import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderMap } from "@nuncio/codec";
import { Hash64 } from "../../base/hash64.ts";
import { xxHash64 } from "../../base/xx-hash64.ts";
import { sampleHeaders } from "../../observe/format/sample-context.ts";
import { StreamInfo, type DownstreamInfo } from "../../observe/stream-info.ts";
import { ipAddress, pipeAddress } from "../../transport/address.ts";
import { HashPolicies, type CookieGenerator } from "./hash-policies.ts";
import type { HashPolicyConfig } from "./model.ts";

const A: HashPolicyConfig = { kind: "header", name: "a" };
const B: HashPolicyConfig = { kind: "header", name: "b" };

/** The hash of a request as hexadecimal text; null when it has none. */
function hashed(
  policies: readonly HashPolicyConfig[],
  headers: HeaderMap,
  info = new StreamInfo(),
  cookies: CookieGenerator | null = null,
): string | null {
  const hash = new Hash64();
  hash.set(1, 2);
  return new HashPolicies(policies).hash(headers, info, cookies, hash) ? hash.toHex() : null;
}

/** xxHash64 of texts, each with the hash of those before as its seed. */
function chained(...texts: readonly string[]): string {
  const hash = new Hash64();
  for (const text of texts) xxHash64(text, hash);
  return hash.toHex();
}

function request(path: string, ...headers: readonly string[]): HeaderMap {
  return sampleHeaders(":path", path, ":authority", "h.test", ...headers);
}

void test("a header is hashed as it is, an empty one included", () => {
  assert.equal(hashed([A], request("/", "a", "x")), chained("x"));
  assert.equal(hashed([A], request("/", "a", "")), chained(""));
  assert.equal(hashed([A], request("/", "b", "x")), null);
  assert.equal(hashed([{ kind: "header", name: ":path" }], request("/p?q")), chained("/p?q"));
  assert.equal(hashed([{ kind: "header", name: ":authority" }], request("/")), chained("h.test"));
});

void test("repeated lines are hashed in the order of their bytes", () => {
  const expected = chained("10", "9", "~", "\xff");
  for (const values of [
    ["\xff", "~", "10", "9"],
    ["9", "10", "~", "\xff"],
  ]) {
    assert.equal(hashed([A], request("/", ...values.flatMap((value) => ["a", value]))), expected);
  }
  assert.equal(hashed([A], request("/", "a", "x", "a", "x")), chained("x", "x"));
});

void test("values are rewritten before they are put in order", () => {
  const rewrite = { pattern: "^.(.*)$", substitution: "\\1" };
  const policies = [{ ...A, rewrite }] as const;
  assert.equal(hashed(policies, request("/", "a", "1b", "a", "2a")), chained("a", "b"));
  assert.equal(hashed(policies, request("/", "a", "1b")), chained("b"));
});

void test("query parameters count with any value, cookies with one", () => {
  const query: HashPolicyConfig = { kind: "query_parameter", name: "q" };
  assert.equal(hashed([query], request("/?x=1&q=v&q=w")), chained("v"));
  assert.equal(hashed([query], request("/?q=")), chained(""));
  assert.equal(hashed([query], request("/?Q=v")), null);
  const cookie: HashPolicyConfig = { kind: "cookie", name: "c" };
  assert.equal(hashed([cookie], request("/", "cookie", 'x=1; c="v"')), chained("v"));
  assert.equal(hashed([cookie], request("/", "cookie", "c=")), null);
});

void test("a cookie is made for who has none, where there is somebody to make it", () => {
  const asked: string[] = [];
  const cookies: CookieGenerator = {
    generateCookie(name, { maxAgeS }) {
      asked.push(`${name} ${maxAgeS}`);
      return "made";
    },
  };
  const generate = { maxAgeS: 5, path: "", attributes: [] };
  const policy: HashPolicyConfig = { kind: "cookie", name: "c", generate };
  assert.equal(hashed([policy], request("/"), new StreamInfo(), cookies), chained("made"));
  assert.equal(hashed([policy], request("/", "cookie", "c=v"), undefined, cookies), chained("v"));
  assert.equal(hashed([policy], request("/")), null);
  assert.deepEqual(asked, ["c 5"]);
});

void test("the client's address is the one that is trusted, without its port", () => {
  const policy: HashPolicyConfig = { kind: "source_ip" };
  const info = new StreamInfo();
  assert.equal(hashed([policy], request("/"), info), null);
  info.downstream = { directRemoteAddress: ipAddress("10.0.0.1", 7) } as DownstreamInfo;
  assert.equal(hashed([policy], request("/"), info), chained("10.0.0.1"));
  info.remoteAddress = ipAddress("2001:db8::1", 8);
  assert.equal(hashed([policy], request("/"), info), chained("2001:db8::1"));
});

void test("a client on a pipe has no address to hash", () => {
  const info = new StreamInfo();
  info.remoteAddress = pipeAddress("/run/client");
  assert.equal(hashed([{ kind: "source_ip" }], request("/"), info), null);
});

void test("filter state counts when it is a text", () => {
  const policy: HashPolicyConfig = { kind: "filter_state", key: "k" };
  const info = new StreamInfo();
  assert.equal(hashed([policy], request("/"), info), null);
  info.filterState = new Map<string, unknown>([["k", 7]]);
  assert.equal(hashed([policy], request("/"), info), null);
  info.filterState.set("k", "v");
  assert.equal(hashed([policy], request("/"), info), chained("v"));
});

void test("hashes are mixed in their order, and equal ones do not cancel each other out", () => {
  const both = hashed([A, B], request("/", "a", "1", "b", "2"));
  assert.notEqual(both, hashed([B, A], request("/", "a", "1", "b", "2")));
  assert.equal(hashed([A, B], request("/", "b", "2")), chained("2"));
  const expected = new Hash64();
  xxHash64("1", expected);
  const { high, low } = expected;
  expected.rotate(1);
  expected.xor(high, low);
  assert.equal(hashed([A, A], request("/", "a", "1")), expected.toHex());
});

void test("behind a terminal policy nothing is asked once there is a hash", () => {
  const terminal = [{ ...A, terminal: true }, B] as const;
  assert.equal(hashed(terminal, request("/", "a", "1", "b", "2")), chained("1"));
  assert.equal(hashed(terminal, request("/", "b", "2")), chained("2"));
  const second = [A, { ...B, terminal: true }, { kind: "query_parameter", name: "q" }] as const;
  assert.equal(hashed(second, request("/?q=3", "a", "1")), chained("1"));
});
