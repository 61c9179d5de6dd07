import assert from "node:assert/strict";
import { test } from "node:test";
import { HeaderMap } from "@nuncio/codec";
import { ipAddress, pipeAddress } from "../../../transport/address.ts";
import type { HeaderRulesConfig } from "../header-rules-model.ts";
import { ClientAddress } from "./client-address.ts";
import type { CustomHeaderDetectionConfig, XffDetectionConfig } from "./model.ts";

const XFF: XffDetectionConfig = {
  kind: "xff",
  trustedHops: 0,
  trustedRanges: null,
  skipXffAppend: true,
};
const OWN: CustomHeaderDetectionConfig = {
  kind: "custom_header",
  headerName: "x-own",
  trusted: false,
  rejectStatus: 0,
};
const PRIVATE = { unixSockets: false, ranges: [{ ip: "10.0.0.0", bits: 8 }] };

interface Found {
  readonly ip: string | undefined;
  readonly forwardedFor: string | undefined;
  readonly internal: boolean;
  readonly rejectStatus: number;
}

function detect(
  config: Partial<HeaderRulesConfig>,
  lines: Record<string, string>,
  peer = ipAddress("192.0.2.2", 1),
): Found {
  const headers = new HeaderMap();
  headers.method = "GET";
  for (const [name, value] of Object.entries(lines)) headers.add(name, value);
  const defaults = { useRemoteAddress: false, originalIpDetection: [], internalAddress: PRIVATE };
  const client = new ClientAddress(
    { ...defaults, ...config } as unknown as HeaderRulesConfig,
    "198.51.100.7",
  );
  client.detect(headers, headers.get("x-forwarded-for"), peer);
  return {
    ip: client.address?.ip,
    forwardedFor: headers.get("x-forwarded-for"),
    internal: client.isInternal(),
    rejectStatus: client.rejectStatus,
  };
}

const list = (value: string): Record<string, string> => ({ "x-forwarded-for": value });

void test("trusted ranges: the first address from the right that is in none", () => {
  const trustedRanges = [
    { ip: "10.0.0.0", bits: 8 },
    { ip: "192.0.2.0", bits: 24 },
  ];
  const config = { originalIpDetection: [{ ...XFF, trustedRanges }] };
  assert.equal(detect(config, list("1.1.1.1, 2.2.2.2, 10.0.0.1")).ip, "2.2.2.2");
  assert.equal(detect(config, list("10.0.0.1,10.0.0.2")).ip, "10.0.0.1");
  assert.equal(detect(config, list("1.1.1.1, unknown, 10.0.0.1")).ip, undefined);
  assert.equal(detect(config, list(",")).ip, undefined);
  assert.equal(detect(config, list("10.0.0.1")).internal, true);
  assert.equal(detect(config, list("10.0.0.1, 10.0.0.2")).internal, false);
});

void test("a peer outside of the trusted ranges is the client, and is written down", () => {
  const config = { originalIpDetection: [{ ...XFF, trustedRanges: [] }] };
  const found = detect(config, list("1.1.1.1"));
  assert.deepEqual([found.ip, found.forwardedFor], [undefined, "1.1.1.1,192.0.2.2"]);
});

void test("extensions are asked in order until one knows", () => {
  const config = { originalIpDetection: [OWN, XFF] };
  assert.equal(detect(config, { "x-own": "7.7.7.7", ...list("1.1.1.1") }).ip, "7.7.7.7");
  assert.equal(detect(config, { "x-own": "nobody", ...list("1.1.1.1") }).ip, "1.1.1.1");
});

void test("a second extension sees what the first appended", () => {
  const append = { ...XFF, skipXffAppend: false };
  const config = { originalIpDetection: [append, { ...append, trustedHops: 1 }] };
  const found = detect(config, {});
  assert.deepEqual([found.ip, found.forwardedFor], [undefined, "192.0.2.2,192.0.2.2"]);
});

void test("a header decides about internal only when it is trusted", () => {
  const own = { "x-own": "10.0.0.1" };
  assert.equal(detect({ originalIpDetection: [OWN] }, own).internal, false);
  assert.equal(detect({ originalIpDetection: [{ ...OWN, trusted: true }] }, own).internal, true);
});

void test("a request without the header is refused when it is required", () => {
  const config = { originalIpDetection: [{ ...OWN, rejectStatus: 403 }, XFF] };
  assert.equal(detect(config, list("1.1.1.1")).rejectStatus, 403);
  assert.equal(detect(config, { "x-own": "7.7.7.7" }).rejectStatus, 0);
});

void test("addresses of IPv6 are written in one way", () => {
  const config = { originalIpDetection: [XFF] };
  assert.equal(detect(config, list("2001:DB8:0:0::1")).ip, "2001:db8::1");
});

void test("a client on a Unix socket is internal only when that is said", () => {
  const peer = pipeAddress("/run/a.sock");
  const config = (unixSockets: boolean): Partial<HeaderRulesConfig> => ({
    useRemoteAddress: true,
    xffNumTrustedHops: 0,
    skipXffAppend: false,
    internalAddress: { unixSockets, ranges: PRIVATE.ranges },
  });
  assert.equal(detect(config(true), {}, peer).internal, true);
  const other = detect(config(false), {}, peer);
  assert.deepEqual([other.internal, other.forwardedFor], [false, undefined]);
});
