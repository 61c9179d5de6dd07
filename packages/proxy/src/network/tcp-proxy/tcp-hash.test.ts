import assert from "node:assert/strict";
import { test } from "node:test";
import { Hash64 } from "../../base/hash64.ts";
import { buildHashPolicies } from "../../http/hash-policy/hash-policies.ts";
import type { HashPolicyConfig } from "../../http/hash-policy/model.ts";
import { StreamInfo } from "../../observe/stream-info.ts";
import { ipAddress } from "../../transport/address.ts";
import { clusterConfig, hostData, hostSetData } from "../../upstream/testing/cluster-config.ts";
import { hashOf, MAGLEV } from "../../upstream/testing/hashing.ts";
import { TestClusters } from "../../upstream/testing/worker-clusters.ts";
import { TcpHash } from "./tcp-hash.ts";

const SOURCE: HashPolicyConfig = { kind: "source_ip" };

/** The hash of a connection from 10.0.0.1 by the proxy's policies, with a cluster that has some; null when it has none. */
function hashed(
  ofProxy: readonly HashPolicyConfig[],
  ofBalancer: readonly HashPolicyConfig[] = [],
): string | null {
  const loadBalancer = { ...MAGLEV, hashPolicies: ofBalancer };
  const hosts = hostSetData([hostData(1)]);
  const cluster = new TestClusters().add(clusterConfig({ loadBalancer }), hosts);
  const info = new StreamInfo();
  info.remoteAddress = ipAddress("10.0.0.1", 5000);
  const hash = new Hash64();
  return new TcpHash(cluster, buildHashPolicies(ofProxy), info).computeHash(hash)
    ? hash.toHex()
    : null;
}

void test("a connection is hashed by its client's address, where the proxy asks for it", () => {
  assert.equal(hashed([SOURCE]), hashOf("10.0.0.1").toHex());
  assert.equal(hashed([]), null);
  assert.equal(hashed([{ kind: "filter_state", key: "k" }]), null);
});

void test("policies of the load balancer come first, though there is no request that they could look at", () => {
  const header: HashPolicyConfig = { kind: "header", name: "x" };
  assert.equal(hashed([], [header, SOURCE]), hashOf("10.0.0.1").toHex());
  assert.equal(hashed([SOURCE], [header]), null);
});
