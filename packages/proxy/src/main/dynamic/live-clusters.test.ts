import assert from "node:assert/strict";
import { test } from "node:test";
import type { InitTarget } from "../../config/context.ts";
import type { ClusterDefinition } from "../../upstream/definition.ts";
import type { ClusterListener } from "../../upstream/manager/cluster-manager.ts";
import { definition } from "../../upstream/testing/definitions.ts";
import { type ClusterOwner, LiveClusters } from "./live-clusters.ts";

const ORIGIN = { addedViaApi: true };

/** Something that comes when the test says so. */
class Target implements InitTarget {
  readonly name = "secret 's'";
  released = 0;
  come: () => void = () => {};
  whenReady(onReady: () => void): void {
    this.come = onReady;
  }
  release(): void {
    this.released++;
  }
}

/** What has the clusters, and nothing of them. */
class Owner implements ClusterOwner {
  readonly has: string[] = [];
  refuses = "";
  waits = "";
  listener: ClusterListener = {};
  addOrUpdate({ config }: ClusterDefinition): void {
    if (this.refuses !== "") throw new Error(this.refuses);
    this.has.push(`${config.name} ${config.connectTimeoutMs}`);
  }
  remove(name: string): boolean {
    this.has.push(`${name} goes`);
    return true;
  }
  waitsFor(): string {
    return this.waits;
  }
  addListener(listener: ClusterListener): () => void {
    this.listener = listener;
    return () => {};
  }
}

function start(): {
  owner: Owner;
  warnings: string[];
  released: number[];
  clusters: LiveClusters;
  cluster: (version: number) => ClusterDefinition;
} {
  const owner = new Owner();
  const warnings: string[] = [];
  const released: number[] = [];
  return {
    owner,
    warnings,
    released,
    clusters: new LiveClusters(owner, (text) => warnings.push(text)),
    cluster: (version) => {
      const made = definition([], { config: { connectTimeoutMs: version } });
      return { ...made, stats: { ...made.stats, release: () => void released.push(version) } };
    },
  };
}

void test("a cluster begins when what it needs has come, and serves when its hosts are known", () => {
  const { owner, clusters, cluster } = start();
  const target = new Target();
  let served = 0;
  owner.waits = "the addresses of a";
  const set = clusters.set(cluster(1), [target], { origin: ORIGIN, onServing: () => served++ });
  assert.equal(set, null);
  assert.deepEqual(clusters.missing("c"), ["secret 's'"]);
  assert.deepEqual(owner.has, []);
  target.come();
  assert.deepEqual(owner.has, ["c 1"]);
  assert.deepEqual(clusters.missing("c"), ["the addresses of a"]);
  assert.equal(served, 0);
  owner.waits = "";
  owner.listener.onClusterAddOrUpdate!("c");
  owner.listener.onClusterAddOrUpdate!("c");
  assert.equal(served, 1);
  assert.deepEqual(clusters.missing("c"), []);
});

void test("what never began gives its statistics back", () => {
  const { owner, clusters, cluster, released } = start();
  const [first, second] = [new Target(), new Target()];
  clusters.set(cluster(1), [first], { origin: ORIGIN });
  clusters.set(cluster(2), [second], { origin: ORIGIN });
  assert.deepEqual([first.released, second.released, released], [1, 0, [1]]);
  first.come();
  assert.deepEqual(owner.has, []);
  clusters.remove("c");
  assert.deepEqual([second.released, released], [1, [1, 2]]);
  assert.deepEqual(owner.has, ["c goes"]);
});

void test("a version that cannot begin leaves the one before it what it needs", () => {
  const { owner, clusters, cluster, released } = start();
  const [first, second] = [new Target(), new Target()];
  clusters.set(cluster(1), [first], { origin: ORIGIN });
  first.come();
  owner.refuses = "no room";
  assert.equal(clusters.set(cluster(2), [], { origin: ORIGIN }), "no room");
  assert.equal(first.released, 0);
  clusters.set(cluster(3), [second], { origin: ORIGIN });
  assert.equal(first.released, 1);
  assert.deepEqual(released, [], "the owner has them");
});

void test("a version that cannot begin later is told in the log", () => {
  const { owner, clusters, cluster, warnings } = start();
  const target = new Target();
  clusters.set(cluster(1), [target], { origin: ORIGIN });
  owner.refuses = "no room";
  target.come();
  assert.deepEqual(warnings, ["cluster 'c': no room"]);
});
