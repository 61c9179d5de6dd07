import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cluster } from "../cluster.ts";
import type { Host } from "../host.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { clusterConfig, hostData, hostSetData } from "../testing/cluster-config.ts";
import { keyed, MAGLEV, RING_HASH } from "../testing/hashing.ts";
import { TestClusters } from "../testing/worker-clusters.ts";

const NAMES = "abcde";

/** Hosts that are hashed as `a`, `b` …, with these weights. */
function clusterOf(
  loadBalancer: typeof RING_HASH | typeof MAGLEV,
  balanceFactorPercent: number,
  weights: readonly number[],
): Cluster {
  const hosts = weights.map((weight, i) =>
    hostData(i + 1, { weight, metadata: { "envoy.lb": { hash_key: NAMES[i] } } }),
  );
  const config = clusterConfig({ loadBalancer: { ...loadBalancer, balanceFactorPercent } });
  return new TestClusters().add(config, hostSetData(hosts));
}

/** Sends a request that stays. */
function send(cluster: Cluster, key: string): Host {
  const host = cluster.chooseHost(keyed(key))!;
  host.acquireRequest();
  cluster.breakers.default.acquire(Resource.Requests);
  return host;
}

/** Names of the hosts that requests go to, one after the other, none of which ends. */
function held(cluster: Cluster, keys: readonly string[]): string {
  return keys.map((key) => NAMES[send(cluster, key).slot - 1]).join("");
}

const SAME = Array.from({ length: 12 }, () => "1");
const EQUAL = [1, 1, 1, 1, 1];

void test("requests beyond the bound go where Envoy sends them", () => {
  // Recorded from Envoy 1.40 by interop/diff, group hash-bound.
  const rows = [
    [RING_HASH, 100, EQUAL, "eeaabeabbdea"],
    [RING_HASH, 150, EQUAL, "eeaeaaeabbea"],
    [RING_HASH, 250, [1, 2, 3, 4, 5], "eeeeeeeeeeea"],
    [MAGLEV, 100, EQUAL, "bbaaebaeedba"],
    [MAGLEV, 250, [1, 2, 3, 4, 5], "dddddaddda"],
  ] as const;
  for (const [loadBalancer, factor, weights, expected] of rows) {
    const cluster = clusterOf(loadBalancer, factor, weights);
    assert.equal(held(cluster, SAME.slice(0, expected.length)), expected);
  }
  const keys = ["1", "2", "1", "1", "3", "2", "2", "1", "4", "1", "2", "1", "3"];
  assert.equal(held(clusterOf(RING_HASH, 120, EQUAL), keys), "eeaaaecbaecba");
});

void test("a request that ended makes room", () => {
  const cluster = clusterOf(RING_HASH, 100, EQUAL);
  const first = send(cluster, "1");
  send(cluster, "1");
  assert.notEqual(cluster.chooseHost(keyed("1")), first);
  first.releaseRequest();
  assert.equal(cluster.chooseHost(keyed("1")), first);
});

void test("when all hosts have too much the least overloaded one takes more", () => {
  const cluster = clusterOf(MAGLEV, 100, [1, 1]);
  const [one, two] = [...cluster.hosts] as [Host, Host];
  for (let i = 0; i < 9; i++) one.acquireRequest();
  for (let i = 0; i < 5; i++) two.acquireRequest();
  for (const key of ["a", "b", "c", "d", "e"]) assert.equal(cluster.chooseHost(keyed(key)), two);
});

void test("without hosts there is none", () => {
  assert.equal(clusterOf(RING_HASH, 100, []).chooseHost(keyed("a")), null);
});
