import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Clusters } from "../clusters.ts";
import type { ClusterDefinition, LocalityEndpoints } from "../definition.ts";
import type { Host } from "../host.ts";
import type { ClusterUpdate } from "../model.ts";
import { openUpstreamMemory } from "../shared/upstream-memory.ts";
import { assignment, definition, endpoint, locality } from "../testing/definitions.ts";
import { FakeWorker } from "../testing/fake-worker.ts";
import { ManagedClusters } from "../testing/managed-clusters.ts";

/** Last numbers of addresses, by priority. */
type Hosts = readonly (readonly number[])[];
type Discovery = { readonly hosts: Hosts } | { readonly service: string };
interface Config {
  readonly discovery: Discovery;
  readonly connectTimeoutMs: number;
  readonly protocol: "http1" | "http2";
}
type Step =
  | { readonly kind: "set"; readonly name: string; readonly config: Config }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "assign"; readonly service: string; readonly hosts: Hosts }
  | { readonly kind: "apply" };

const hosts = fc.array(fc.uniqueArray(fc.nat(3), { maxLength: 3 }), { maxLength: 2 }).map(distinct);
const name = fc.constantFrom("a", "b");
const service = fc.constantFrom("s", "t");
const config = fc.record({
  discovery: fc.oneof(fc.record({ hosts }), fc.record({ service })),
  connectTimeoutMs: fc.constantFrom(1, 2),
  protocol: fc.constantFrom("http1" as const, "http2" as const),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("set" as const), name, config }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), name }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("assign" as const), service, hosts }) },
  { weight: 2, arbitrary: fc.constant({ kind: "apply" as const }) },
);

/** An address stands in one priority only. */
function distinct(byPriority: Hosts): Hosts {
  const seen = new Set<number>();
  return byPriority.map((each) => each.filter((host) => !seen.has(host) && seen.add(host)));
}

/** What should be there: written down without slots, pools or messages. */
class Model {
  readonly served = new Map<string, { config: Config; hosts: Hosts }>();
  readonly warming = new Map<string, Config>();

  set(cluster: string, next: Config): void {
    const newest = this.warming.get(cluster) ?? this.served.get(cluster)?.config;
    const { discovery } = next;
    if (newest !== undefined && same(newest.discovery, discovery)) {
      if (this.warming.has(cluster)) this.warming.set(cluster, next);
      else this.served.get(cluster)!.config = next;
    } else if ("hosts" in discovery) {
      this.warming.delete(cluster);
      this.served.set(cluster, { config: next, hosts: discovery.hosts });
    } else {
      this.warming.set(cluster, next);
    }
  }

  remove(cluster: string): void {
    this.served.delete(cluster);
    this.warming.delete(cluster);
  }

  assign(to: string, told: Hosts): void {
    for (const each of this.served.values()) if (isFor(each.config, to)) each.hosts = told;
    for (const [cluster, waiting] of this.warming) {
      if (!isFor(waiting, to)) continue;
      this.warming.delete(cluster);
      this.served.set(cluster, { config: waiting, hosts: told });
    }
  }
}

function isFor({ discovery }: Config, to: string): boolean {
  return "service" in discovery && discovery.service === to;
}

function same(a: Discovery, b: Discovery): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Main with a worker that is told late, and one that is born anew at each look. */
class Rig {
  readonly model = new Model();
  readonly main = new ManagedClusters({ hostsMax: 64, clustersMax: 16 });
  readonly worker: Clusters = this.#newWorker();
  /** By cluster and number, hosts that were there at the last look and ever since. */
  readonly #known = new Map<string, Host>();

  do(action: Step): void {
    switch (action.kind) {
      case "set":
        this.model.set(action.name, action.config);
        this.main.manager.addOrUpdate(definitionOf(action.name, action.config), {
          addedViaApi: true,
        });
        break;
      case "remove":
        this.model.remove(action.name);
        this.main.manager.remove(action.name);
        break;
      case "assign":
        this.model.assign(action.service, action.hosts);
        this.main.assign(action.service, assignment(localities(action.hosts)));
        break;
      case "apply":
        this.look();
        break;
    }
    for (const key of this.#known.keys()) {
      const [cluster, host] = key.split(" ") as [string, string];
      const present = this.model.served.get(cluster)?.hosts.flat() ?? [];
      if (!present.includes(Number(host))) this.#known.delete(key);
    }
  }

  look(): void {
    this.#tell(this.worker, this.main.posted.splice(0));
    const born = this.#newWorker();
    this.#tell(born, this.main.manager.snapshot());
    const slots: number[] = [];
    for (const cluster of ["a", "b"]) {
      const expected = this.model.served.get(cluster);
      assert.deepEqual(hostsIn(this.worker, cluster), expected && trimmed(expected.hosts));
      assert.deepEqual(hostsIn(born, cluster), expected && trimmed(expected.hosts));
      const seen = this.worker.get(cluster);
      if (seen === undefined) continue;
      assert.equal(seen.config.connectTimeoutMs, expected!.config.connectTimeoutMs);
      assert.equal(seen.config.http.protocol, expected!.config.protocol);
      for (const host of seen.hosts) slots.push(host.slot);
      this.#compareHosts(cluster, [...seen.hosts]);
    }
    assert.equal(new Set(slots).size, slots.length, "no slot is held twice");
    assert.deepEqual(this.main.warnings, []);
  }

  #compareHosts(cluster: string, present: readonly Host[]): void {
    for (const host of present) {
      const key = `${cluster} ${host.address.ip.at(-1)}`;
      const before = this.#known.get(key) ?? host;
      assert.ok(host === before && !host.removed, `${key} is not who it was`);
      this.#known.set(key, host);
    }
  }

  #newWorker(): Clusters {
    return new Clusters(new FakeWorker(), openUpstreamMemory(this.main.buffers, 0), {
      onClusterRemoved() {},
      onHostRemoved() {},
      onHostUnhealthy() {},
      onConnectionsOutdated() {},
    });
  }

  #tell(worker: Clusters, updates: readonly ClusterUpdate[]): void {
    for (const update of structuredClone(updates)) worker.apply(update);
  }
}

function definitionOf(cluster: string, { discovery, ...rest }: Config): ClusterDefinition {
  const { connectTimeoutMs, protocol } = rest;
  const parts = { name: cluster, config: { connectTimeoutMs, http: { protocol } } };
  return "service" in discovery
    ? definition([], { ...parts, type: "EDS", service: discovery.service })
    : definition(localities(discovery.hosts), parts);
}

function localities(byPriority: Hosts): LocalityEndpoints[] {
  return byPriority.map((each, priority) =>
    locality(
      each.map((host) => endpoint(`10.0.0.${host}`)),
      { priority },
    ),
  );
}

function hostsIn(worker: Clusters, cluster: string): Hosts | undefined {
  const hostSets = worker.get(cluster)?.hostSets;
  return (
    hostSets &&
    trimmed(hostSets.map((each) => each.hosts.map(({ address }) => Number(address.ip.at(-1)))))
  );
}

/** Priorities never become fewer, so empty ones at the end say nothing. */
function trimmed(byPriority: Hosts): Hosts {
  const end = byPriority.findLastIndex((each) => each.length > 0);
  return byPriority.slice(0, end + 1);
}

void test("whatever comes, workers have what was last told, and hosts that stay are the same", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const rig = new Rig();
      for (const action of steps) rig.do(action);
      rig.look();
      for (const cluster of ["a", "b"]) rig.do({ kind: "remove", name: cluster });
      rig.look();
      assert.deepEqual(rig.main.subscriptions.watched, []);
    }),
    { numRuns: 500 },
  );
});
