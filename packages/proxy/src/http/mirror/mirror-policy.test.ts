import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { StreamInfo } from "../../observe/stream-info.ts";
import { Runtime } from "../../runtime/snapshot.ts";
import { MirrorPolicy } from "./mirror-policy.ts";
import type { MirrorPolicyConfig } from "./model.ts";

const WORKER = { wallMs: () => 0, nowMs: () => 0, runtime: new Runtime() };

function policy(config: Partial<MirrorPolicyConfig>): MirrorPolicy {
  return new MirrorPolicy({ cluster: "m", clusterHeader: "", ...config }, WORKER);
}

function prepared(config: Partial<MirrorPolicyConfig>, authority: string): HeaderMap {
  const headers = new HeaderMap();
  headers.method = "GET";
  headers.authority = authority;
  policy(config).prepare(headers, new StreamInfo(), "10.0.0.9");
  return headers;
}

void test("the suffix of the host stands before the port, whatever the host is", () => {
  for (const [host, shadow] of [
    ["a.test", "a.test-shadow"],
    ["a.test:80", "a.test-shadow:80"],
    ["a.test:", "a.test-shadow:"],
    ["[::1]", "[::1]-shadow"],
    ["[::1]:80", "[::1]-shadow:80"],
    ["", "-shadow"],
  ] as const) {
    assert.equal(prepared({}, host).authority, shadow);
  }
  assert.equal(prepared({ keepsHost: true }, "a.test").authority, "a.test");
  assert.equal(prepared({ hostRewriteLiteral: "m.test" }, "a.test").authority, "m.test");
});

void test("the proxy joins x-forwarded-for and speaks as an internal client", () => {
  assert.equal(prepared({}, "a").get("x-forwarded-for"), "10.0.0.9");
  const headers = new HeaderMap();
  headers.add("x-forwarded-for", "1.1.1.1");
  headers.add("x-envoy-internal", "false");
  policy({}).prepare(headers, new StreamInfo(), "10.0.0.9");
  assert.deepEqual(headers.entries, [
    "x-forwarded-for",
    "1.1.1.1,10.0.0.9",
    "x-envoy-internal",
    "true",
  ]);
});

void test("a fraction is taken of the stream's random number", () => {
  const half = policy({ fraction: { numerator: 1, denominator: 2 } });
  assert.equal(half.applies(2 / 2 ** 53), true);
  assert.equal(half.applies(3 / 2 ** 53), false);
  assert.equal(policy({ fraction: { numerator: 0, denominator: 100 } }).applies(0.5), false);
  assert.equal(policy({ fraction: { numerator: 200, denominator: 100 } }).applies(0.999), true);
  assert.equal(policy({}).applies(0.999), true);
});

void test("cluster_header names the cluster by its first line; bytes are UTF-8", () => {
  const byHeader = policy({ cluster: "", clusterHeader: "x-m" });
  const headers = new HeaderMap();
  assert.equal(byHeader.clusterName(headers), "");
  headers.add("x-m", Buffer.from("ü").toString("latin1"));
  headers.add("x-m", "other");
  assert.equal(byHeader.clusterName(headers), "ü");
});
