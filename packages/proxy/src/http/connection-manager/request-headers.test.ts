import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import type { DownstreamInfo } from "../../observe/stream-info.ts";
import { ipAddress } from "../../transport/address.ts";
import type { HeaderRulesConfig } from "./header-rules-model.ts";
import { RequestHeaderRules } from "./request-headers.ts";

const DEFAULTS = {
  useRemoteAddress: false,
  xffNumTrustedHops: 0,
  skipXffAppend: false,
  appendXForwardedPort: false,
  originalIpDetection: [],
  internalAddress: { unixSockets: false, ranges: [] },
  requestId: { packTraceReason: true, usedForSampling: true },
  schemeOverwrite: "",
  addUserAgent: false,
  serviceCluster: "",
  serviceNode: "",
  via: "",
  generateRequestId: false,
  preserveExternalRequestId: false,
} as unknown as HeaderRulesConfig;

/** Without extensions the manager asks x-forwarded-for, as its config says. */
function detection(config: Partial<HeaderRulesConfig>): Partial<HeaderRulesConfig> {
  const trustedHops = config.xffNumTrustedHops ?? 0;
  return {
    originalIpDetection: [{ kind: "xff", trustedHops, trustedRanges: null, skipXffAppend: true }],
  };
}

function apply(
  config: Partial<HeaderRulesConfig>,
  lines: Record<string, string>,
  peer = "192.0.2.2",
  internalOnly: string[] = [],
): { headers: HeaderMap; remote: string; internal: boolean } {
  const headers = new HeaderMap();
  headers.method = "GET";
  for (const [name, value] of Object.entries(lines)) headers.add(name, value);
  return applyTo(headers, config, peer, internalOnly);
}

function applyTo(
  headers: HeaderMap,
  config: Partial<HeaderRulesConfig>,
  peer = "192.0.2.2",
  internalOnly: string[] = [],
): { headers: HeaderMap; remote: string; internal: boolean } {
  const downstream: DownstreamInfo = {
    connectionId: 0,
    directRemoteAddress: ipAddress(peer, 1234),
    localAddress: ipAddress("10.9.9.9", 8080),
    listenerName: "",
    filterChainName: "",
  };
  const rules = new RequestHeaderRules(
    { ...DEFAULTS, ...detection(config), ...config },
    "10.0.0.7",
  );
  rules.internalOnlyHeaders = internalOnly.length === 0 ? null : new Set(internalOnly);
  const facts = rules.apply(headers, downstream);
  return { headers, remote: facts.remoteAddress!.ip, internal: facts.internal };
}

void test("use_remote_address appends the peer to x-forwarded-for, without a space", () => {
  const { headers, remote } = apply(
    { useRemoteAddress: true },
    { "x-forwarded-for": "1.1.1.1, 2.2.2.2" },
  );
  assert.equal(headers.get("x-forwarded-for"), "1.1.1.1, 2.2.2.2,192.0.2.2");
  assert.equal(headers.get("x-envoy-external-address"), "192.0.2.2");
  assert.equal(remote, "192.0.2.2");
});

void test("a loopback peer stands as the host's own address, and is the external address itself", () => {
  const { headers } = apply({ useRemoteAddress: true }, {}, "127.0.0.1");
  assert.equal(headers.get("x-forwarded-for"), "10.0.0.7");
  assert.equal(headers.get("x-envoy-external-address"), "127.0.0.1");
});

void test("trusted hops count from the right, with and without use_remote_address", () => {
  const xff = { "x-forwarded-for": "1.1.1.1, 2.2.2.2", "x-forwarded-proto": "https" };
  const edge = apply({ useRemoteAddress: true, xffNumTrustedHops: 1 }, xff);
  assert.equal(edge.remote, "2.2.2.2");
  assert.equal(edge.headers.get("x-forwarded-proto"), "https");
  assert.equal(edge.headers.scheme, "https");
  const inner = apply({ xffNumTrustedHops: 1 }, xff);
  assert.equal(inner.remote, "1.1.1.1");
  assert.equal(inner.headers.get("x-forwarded-for"), "1.1.1.1, 2.2.2.2");
  const short = apply({ useRemoteAddress: true, xffNumTrustedHops: 5 }, xff);
  assert.equal(short.remote, "192.0.2.2");
});

void test("without use_remote_address the headers are trusted: nothing is appended, external-address passes", () => {
  const { headers, remote } = apply(
    {},
    {
      "x-forwarded-for": "9.9.9.9",
      "x-envoy-external-address": "9.9.9.9",
      "x-forwarded-proto": "https",
    },
  );
  assert.equal(headers.get("x-forwarded-for"), "9.9.9.9");
  assert.equal(headers.get("x-envoy-external-address"), "9.9.9.9");
  assert.equal(headers.get("x-forwarded-proto"), "https");
  assert.equal(remote, "9.9.9.9");
});

void test("an outsider's control headers are dropped, others pass", () => {
  const lines = {
    "x-envoy-max-retries": "3",
    "x-envoy-upstream-rq-timeout-ms": "1",
    "x-envoy-original-path": "/x",
    "x-envoy-foo": "1",
    "x-secret": "1",
    "x-forwarded-client-cert": "By=x",
  };
  const edge = apply({ useRemoteAddress: true }, lines, "192.0.2.2", ["x-secret"]);
  assert.equal(edge.headers.has("x-envoy-max-retries"), false);
  assert.equal(edge.headers.has("x-envoy-upstream-rq-timeout-ms"), false);
  assert.equal(edge.headers.has("x-envoy-original-path"), false);
  assert.equal(edge.headers.get("x-envoy-foo"), "1");
  assert.equal(edge.headers.has("x-secret"), false);
  const inner = apply({}, lines);
  assert.equal(inner.headers.get("x-envoy-original-path"), "/x");
  assert.equal(inner.headers.has("x-envoy-max-retries"), false);
});

void test("an internal peer is marked, and its control headers count", () => {
  const ranges = {
    internalAddress: { unixSockets: false, ranges: [{ ip: "192.0.2.0", bits: 24 }] },
  };
  const lines = { "x-envoy-max-retries": "3" };
  const edge = apply({ useRemoteAddress: true, ...ranges }, lines);
  assert.equal(edge.internal, true);
  assert.equal(edge.headers.get("x-envoy-internal"), "true");
  assert.equal(edge.headers.get("x-envoy-max-retries"), "3");
  assert.equal(edge.headers.has("x-envoy-external-address"), false);
  assert.equal(apply(ranges, { "x-forwarded-for": "192.0.2.9" }).internal, true);
  assert.equal(apply(ranges, { "x-forwarded-for": "1.1.1.1,192.0.2.9" }).internal, false);
});

void test("request ids: made when missing, replaced at the edge unless preserved", () => {
  const id = { "x-request-id": "mine" };
  const made = apply({ generateRequestId: true }, {}).headers.get("x-request-id")!;
  assert.match(made, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(apply({ generateRequestId: true }, id).headers.get("x-request-id"), "mine");
  const edge = { generateRequestId: true, useRemoteAddress: true };
  assert.notEqual(apply(edge, id).headers.get("x-request-id"), "mine");
  assert.equal(
    apply({ ...edge, preserveExternalRequestId: true }, id).headers.get("x-request-id"),
    "mine",
  );
});

void test("via and the user agent are added when asked for", () => {
  const { headers } = apply(
    { via: "me", addUserAgent: true, serviceCluster: "c", serviceNode: "n" },
    { via: "a" },
  );
  assert.equal(headers.get("via"), "a, me");
  assert.equal(headers.get("user-agent"), "c");
  assert.equal(headers.get("x-envoy-downstream-service-cluster"), "c");
  assert.equal(headers.get("x-envoy-downstream-service-node"), "n");
});

void test("x-forwarded-for on two lines is one list", () => {
  const headers = new HeaderMap();
  headers.method = "GET";
  headers.entries.push("x-forwarded-for", "1.1.1.1", "x-a", "1", "x-forwarded-for", "2.2.2.2");
  const { remote } = applyTo(headers, { xffNumTrustedHops: 1 });
  assert.equal(headers.get("x-forwarded-for"), "1.1.1.1,2.2.2.2");
  assert.equal(remote, "1.1.1.1");
});

void test("x-forwarded-proto passes whatever it says, the scheme is http or https", () => {
  const { headers } = apply({}, { "x-forwarded-proto": "ftp" });
  assert.deepEqual([headers.get("x-forwarded-proto"), headers.scheme], ["ftp", "http"]);
});

void test("the scheme of an absolute target stays", () => {
  const headers = new HeaderMap();
  headers.method = "GET";
  headers.scheme = "https";
  applyTo(headers, {});
  assert.deepEqual([headers.get("x-forwarded-proto"), headers.scheme], ["http", "https"]);
});

void test("an empty x-request-id is none, an empty x-forwarded-for takes the peer without a comma", () => {
  const lines = { "x-request-id": "", "x-forwarded-for": "" };
  const { headers } = apply({ generateRequestId: true, useRemoteAddress: true }, lines);
  assert.match(headers.get("x-request-id")!, /^[0-9a-f-]{36}$/);
  assert.equal(headers.get("x-forwarded-for"), "192.0.2.2");
});
