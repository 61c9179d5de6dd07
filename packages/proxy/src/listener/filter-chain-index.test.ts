import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DownstreamInfo } from "../observe/stream-info.ts";
import { ipAddress } from "../transport/address.ts";
import { indexFilterChains } from "./filter-chain-index.ts";
import { FILTER_CHAIN_CRITERIA, MATCH_ALL } from "./filter-chain-match.ts";
import type { FilterChainMatchConfig } from "./model.ts";

/** All chains, step by step, as the documentation has it. */
function scan(matches: readonly FilterChainMatchConfig[], info: DownstreamInfo): number | null {
  let left = [...matches.keys()];
  for (const { rank } of FILTER_CHAIN_CRITERIA) {
    const ranks = left.map((index) => rank(matches[index]!, info));
    const best = Math.max(...ranks);
    left = best < 0 ? [] : left.filter((_, at) => ranks[at] === best);
  }
  return left[0] ?? null;
}

const some = <T>(...values: T[]): fc.Arbitrary<readonly T[]> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    {
      weight: 3,
      arbitrary: fc.subarray(values, { minLength: 1, maxLength: Math.min(3, values.length) }),
    },
  );
const ranges = some(
  { ip: "10.0.0.0", bits: 8 },
  { ip: "10.1.0.0", bits: 16 },
  { ip: "127.0.0.0", bits: 8 },
  { ip: "::", bits: 0 },
  { ip: "2001:db8::", bits: 32 },
);
const match: fc.Arbitrary<FilterChainMatchConfig> = fc.record({
  destinationPort: fc.constantFrom(0, 0, 80),
  prefixRanges: ranges,
  serverNames: some("a.test", "*.a.test", "*.test", "x.a.test", ""),
  transportProtocol: fc.constantFrom("", "", "tls", "raw_buffer"),
  applicationProtocols: some("h2", "http/1.1", ""),
  directSourcePrefixRanges: ranges,
  sourceType: fc.constantFrom("any", "any", "same_ip_or_loopback", "external"),
  sourcePrefixRanges: ranges,
  sourcePorts: some(7, 8),
});
const ip = fc.constantFrom("10.1.1.1", "10.2.1.1", "127.0.0.1", "11.1.1.1", "2001:db8::1", "::1");
const port = fc.constantFrom(7, 80, 81);
const address = fc.tuple(ip, port).map(([host, number]) => ipAddress(host, number));
const connection: fc.Arbitrary<DownstreamInfo> = fc.record({
  connectionId: fc.constant(0),
  directRemoteAddress: address,
  remoteAddress: address,
  localAddress: address,
  listenerName: fc.constant(""),
  filterChainName: fc.constant(""),
  requestedServerName: fc.constantFrom("", "a.test", "x.a.test", "y.x.a.test", "b.test", ".a.test"),
  transportProtocol: fc.constantFrom("tls", "raw_buffer", ""),
  applicationProtocols: fc.subarray(["h2", "http/1.1", "spdy"]),
});

void test("finds what a scan of all chains finds", () => {
  let found = 0;
  fc.assert(
    fc.property(
      fc.array(match, { maxLength: 12 }),
      fc.array(connection, { minLength: 1, maxLength: 8 }),
      (matches, connections) => {
        let overlaps = false;
        const entries = matches.map((criteria, chain) => ({ match: criteria, chain }));
        const find = indexFilterChains(entries, () => (overlaps = true));
        // Of chains that overlap either may stand; such listeners are refused.
        if (overlaps) return;
        for (const info of connections) {
          const chain = find(info);
          if (chain !== null) found++;
          assert.equal(chain, scan(matches, info));
        }
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(found > 100, `only ${found} connections had a chain`);
});

void test("tells of overlaps", () => {
  const overlaps = (...matches: Partial<FilterChainMatchConfig>[]): boolean => {
    let told = false;
    const entries = matches.map((given, chain) => ({ match: { ...MATCH_ALL, ...given }, chain }));
    indexFilterChains(entries, () => (told = true));
    return told;
  };
  assert.equal(overlaps({ serverNames: ["a", "b"] }, { serverNames: ["b"] }), true);
  assert.equal(overlaps({ serverNames: ["a"] }, { serverNames: ["*.a"] }, {}), false);
  assert.equal(overlaps({ sourcePorts: [1, 1] }), true);
  const range = (start: string): Partial<FilterChainMatchConfig> => ({
    prefixRanges: [{ ip: start, bits: 8 }],
  });
  assert.equal(overlaps(range("10.0.0.0"), range("10.1.0.0")), true);
  assert.equal(overlaps(range("10.0.0.0"), range("11.0.0.0")), false);
  assert.equal(overlaps({ serverNames: [""] }, {}), true);
});
