// However fast routes move from cluster to cluster, a client never has a route to a cluster that it does not have, or has no
// endpoints of: each request in between would fail.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManualClock } from "./manual-clock.test-support.ts";
import { edsCluster, endpoints, routes } from "./resources.test-support.ts";
import { DeltaClient, SotwClient } from "./scripted-client.test-support.ts";
import { XdsServer } from "./server.ts";
import { SnapshotCache } from "./snapshot-cache.ts";
import { Snapshot } from "./snapshot.ts";

const NAMES = ["a", "b", "c"];
const targetOf = new Map(NAMES.map((name) => [routes("r", name).version, name]));
const serving = (name: string, timeout: number): Snapshot =>
  new Snapshot([edsCluster(name, `${timeout}s`), endpoints(name), routes("r", name)]);

/** What a proxy does with clusters, endpoints and routes. */
class Proxy {
  readonly client: SotwClient | DeltaClient;
  readonly #warm = new Set<string>();
  readonly #clusters = new Map<string, string>();
  readonly #inbox: string[] = [];
  /** Of the responses that were taken in, which are fewer than those that have come. */
  readonly #nonces = new Map<string, string>();
  target: string | undefined;

  constructor(client: SotwClient | DeltaClient) {
    this.client = client;
    if (client instanceof SotwClient) client.want("CDS", ["*"]);
    else client.subscribe("CDS", ["*"]);
    this.#ask("RDS", ["r"], []);
  }

  /** The network brings a response. */
  read(): boolean {
    const text = this.client.read();
    if (text !== undefined) this.#inbox.push(text);
    return text !== undefined;
  }

  /** The proxy has taken in the oldest one. */
  process(): boolean {
    const text = this.#inbox.shift();
    if (text === undefined) return false;
    const [type = "", ...names] = text.split(" ");
    const { resources } = this.client.last.get(type)!;
    if (type === "CDS")
      this.#takeClusters(new Map(resources.map(({ name, version }) => [name, version])), names);
    if (type === "EDS") for (const name of names) if (!name.startsWith("-")) this.#warm.add(name);
    if (type === "RDS") this.target = targetOf.get(resources[0]!.version);
    this.client.ack(type);
    this.#nonces.set(type, this.client.last.get(type)!.nonce);
    if (this.target !== undefined) {
      assert.ok(
        this.#clusters.has(this.target),
        `the route leads to ${this.target}, which is gone`,
      );
      assert.ok(
        this.#warm.has(this.target),
        `the route leads to ${this.target}, which is not warm`,
      );
    }
    return true;
  }

  #takeClusters(sent: ReadonlyMap<string, string>, names: readonly string[]): void {
    const isGone = (name: string): boolean =>
      this.client instanceof SotwClient ? !sent.has(name) : names.includes(`-${name}`);
    const gone = [...this.#clusters.keys()].filter(isGone);
    const added = [...sent.keys()].filter((name) => !this.#clusters.has(name));
    for (const name of gone) {
      this.#clusters.delete(name);
      this.#warm.delete(name);
    }
    for (const [name, version] of sent) this.#clusters.set(name, version);
    if (gone.length + added.length > 0) this.#ask("EDS", added, gone);
  }

  #ask(type: string, added: readonly string[], gone: readonly string[]): void {
    if (this.client instanceof SotwClient) {
      const names = type === "EDS" ? [...this.#clusters.keys()] : added;
      this.client.want(type, names, { responseNonce: this.#nonces.get(type) ?? "" });
      return;
    }
    if (added.length > 0) this.client.subscribe(type, added);
    if (gone.length > 0) this.client.unsubscribe(type, gone);
  }
}

type Step = (proxy: Proxy, cache: SnapshotCache) => void;

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom(...NAMES), fc.integer({ min: 1, max: 2 })).map(
    ([name, timeout]): Step =>
      (_, cache) =>
        cache.set("n", serving(name, timeout)),
  ),
  fc.constant<Step>((proxy) => void proxy.read()),
  fc.constant<Step>((proxy) => void proxy.process()),
);

for (const [variant, open] of [
  ["state of the world", (server: XdsServer) => new SotwClient(server)],
  ["delta", (server: XdsServer) => new DeltaClient(server)],
] as const) {
  test(`${variant}: a route never leads to a cluster that is not there`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const [cache, clock] = [new SnapshotCache(), new ManualClock()];
        const proxy = new Proxy(open(new XdsServer({ cache, clock })));
        for (const run of steps) run(proxy, cache);
        cache.set("n", serving("c", 3));
        while (proxy.read() || proxy.process());
        clock.advance(5_000);
        while (proxy.read() || proxy.process());
        assert.equal(proxy.target, "c");
      }),
      { numRuns: 500 },
    );
  });
}
