import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "../../transport/address.ts";
import type { LoadBalancerConfig } from "../model.ts";
import { HealthFlag } from "../shared/host-memory.ts";
import { clusterConfig, hostData, hostSetData } from "../testing/cluster-config.ts";
import { keyed, MAGLEV, RING_HASH } from "../testing/hashing.ts";
import { TestClusters } from "../testing/worker-clusters.ts";

// Ports of the hosts that Envoy 1.40 chose for the keys `key-0`, `key-1` …: interop/diff records them again at each run.

interface Recording {
  readonly name: string;
  readonly balancer: Partial<LoadBalancerConfig>;
  /** Of the hosts at 127.0.0.1:1, 127.0.0.1:2 … */
  readonly weights: readonly number[];
  /** Ports of hosts that are not healthy. */
  readonly failed?: readonly number[];
  readonly chosen: string;
}

const EQUAL = [1, 1, 1, 1, 1];
const WEIGHTED = [1, 2, 3, 4, 5];

const RECORDINGS: readonly Recording[] = [
  {
    name: "a ring of five hosts",
    balancer: RING_HASH,
    weights: EQUAL,
    chosen: "435541351125415334424445454332145213121153132121254544225421",
  },
  {
    name: "a ring of weighted hosts",
    balancer: RING_HASH,
    weights: WEIGHTED,
    chosen: "434545555345415334424445454332155543141253132522544544225421",
  },
  {
    name: "a ring with MURMUR_HASH_2",
    balancer: { ...RING_HASH, hashFunction: "murmur_hash_2" },
    weights: EQUAL,
    chosen: "333451543424523515444241153412325424345535244353343544424451",
  },
  {
    name: "a ring of at least 7 points",
    balancer: { ...RING_HASH, minimumSize: 7 },
    weights: WEIGHTED,
    chosen: "53211152544224254215",
  },
  {
    name: "a ring of 4 points for 5 hosts",
    balancer: { ...RING_HASH, minimumSize: 4, maximumSize: 4 },
    weights: WEIGHTED,
    chosen: "44411154445444455414",
  },
  {
    name: "a ring with a failed host",
    balancer: RING_HASH,
    weights: EQUAL,
    failed: [1],
    chosen: "43454535232543533442",
  },
  {
    name: "a ring in a panic",
    balancer: RING_HASH,
    weights: EQUAL,
    failed: [1, 2, 3, 4],
    chosen: "43554135112541533442",
  },
  {
    name: "a Maglev table of five hosts",
    balancer: MAGLEV,
    weights: EQUAL,
    chosen: "422244145451511423125434223321344424315154253213121435541225",
  },
  {
    name: "a Maglev table of weighted hosts",
    balancer: MAGLEV,
    weights: WEIGHTED,
    chosen: "453254345454551423525434523353344424355154253513124435543225",
  },
  {
    name: "a Maglev table of 7 entries",
    balancer: { ...MAGLEV, tableSize: 7 },
    weights: WEIGHTED,
    chosen: "25412233343331454443",
  },
  {
    name: "a Maglev table that is too small for its hosts",
    balancer: { ...MAGLEV, tableSize: 2 },
    weights: EQUAL,
    chosen: "12221211121121212221",
  },
  {
    name: "a Maglev table with a failed host",
    balancer: MAGLEV,
    weights: EQUAL,
    failed: [1],
    chosen: "42224434545453342322",
  },
];

for (const { name, balancer, weights, failed = [], chosen } of RECORDINGS) {
  void test(`${name} sends keys where Envoy sends them`, () => {
    const t = new TestClusters();
    const hosts = weights.map((weight, i) =>
      hostData(i + 1, { weight, address: ipAddress("127.0.0.1", i + 1) }),
    );
    const cluster = t.add(clusterConfig({ loadBalancer: balancer }), hostSetData(hosts));
    t.setHealth("c", Object.fromEntries(failed.map((slot) => [slot, HealthFlag.FailedEdsHealth])));
    const ports = Array.from(chosen, (_, i) => cluster.chooseHost(keyed(`key-${i}`))!.address.port);
    assert.equal(ports.join(""), chosen);
  });
}
