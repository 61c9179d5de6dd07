import assert from "node:assert/strict";
import { test } from "node:test";
import { cidrContains } from "../base/cidr.ts";
import { ipAddress } from "../transport/address.ts";
import { indexFilterChains } from "./filter-chain-index.ts";
import { MATCH_ALL } from "./filter-chain-match.ts";
import type { FilterChainMatchConfig } from "./model.ts";

function find(
  chains: Record<string, Partial<FilterChainMatchConfig>>,
  local: string,
  peer: string,
): string | null {
  const findChain = indexFilterChains(
    Object.entries(chains).map(([chain, match]) => ({ chain, match: { ...MATCH_ALL, ...match } })),
  );
  const at = (text: string): ReturnType<typeof ipAddress> => {
    const colon = text.lastIndexOf(":");
    return ipAddress(text.slice(0, colon), Number(text.slice(colon + 1)));
  };
  return findChain({
    connectionId: 1,
    localAddress: at(local),
    directRemoteAddress: at(peer),
    listenerName: "",
    filterChainName: "",
  });
}

void test("the most specific value of each step wins", () => {
  const chains = {
    any: {},
    port: { destinationPort: 80 },
    wide: { sourcePrefixRanges: [{ ip: "10.0.0.0", bits: 8 }] },
    narrow: { sourcePrefixRanges: [{ ip: "10.1.0.0", bits: 16 }] },
    sourcePort: { sourcePrefixRanges: [{ ip: "10.1.0.0", bits: 16 }], sourcePorts: [7] },
  };
  assert.equal(find(chains, "1.2.3.4:80", "10.1.1.1:5"), "port");
  assert.equal(find(chains, "1.2.3.4:81", "10.2.1.1:5"), "wide");
  assert.equal(find(chains, "1.2.3.4:81", "10.1.1.1:5"), "narrow");
  assert.equal(find(chains, "1.2.3.4:81", "10.1.1.1:7"), "sourcePort");
  assert.equal(find(chains, "1.2.3.4:81", "11.1.1.1:7"), "any");
});

void test("there is no way back: the winner of a step may still fail, and then nothing matches", () => {
  const chains = {
    any: {},
    port: { destinationPort: 80, sourcePorts: [7] },
  };
  assert.equal(find(chains, "1.2.3.4:80", "10.1.1.1:5"), null);
  assert.equal(find(chains, "1.2.3.4:81", "10.1.1.1:5"), "any");
});

void test("destination and direct source ranges, and the source type", () => {
  const chains = {
    local: { sourceType: "same_ip_or_loopback" as const },
    far: { sourceType: "external" as const },
  };
  assert.equal(find(chains, "1.2.3.4:80", "127.0.0.1:5"), "local");
  assert.equal(find(chains, "1.2.3.4:80", "1.2.3.4:5"), "local");
  assert.equal(find(chains, "1.2.3.4:80", "1.2.3.5:5"), "far");
  assert.equal(
    find(
      { in: { prefixRanges: [{ ip: "::", bits: 0 }] } },
      "[::1]:80".replace(/[[\]]/g, ""),
      "::2:5",
    ),
    "in",
  );
  assert.equal(
    find(
      { in: { directSourcePrefixRanges: [{ ip: "9.0.0.0", bits: 8 }] } },
      "1.1.1.1:1",
      "8.0.0.1:1",
    ),
    null,
  );
});

void test("an address of the other family is in no range", () => {
  assert.equal(cidrContains({ ip: "0.0.0.0", bits: 0 }, "::1"), false);
  assert.equal(cidrContains({ ip: "::", bits: 0 }, "1.2.3.4"), false);
  assert.equal(cidrContains({ ip: "10.0.0.0", bits: 8 }, "/run/x.sock"), false);
});
