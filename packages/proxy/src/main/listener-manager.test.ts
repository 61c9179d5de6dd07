import assert from "node:assert/strict";
import { test } from "node:test";
import { MATCH_ALL } from "../listener/filter-chain-match.ts";
import type { ListenerConfig, ListenerUpdate } from "../listener/model.ts";
import { LISTENER_MANAGER_STATS } from "../observe/stats/tables/listener-manager.ts";
import { FakeRegistry } from "../upstream/testing/fake-registry.ts";
import { fakeStats } from "../upstream/testing/fake-worker.ts";
import type { ToWorker } from "../worker/messages.ts";
import { ListenerManager } from "./listener-manager.ts";

const TCP_PROXY = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
const SCOPE = { base: 0, histogramBase: 0, prefix: "l." };

/** A listener on an abstract socket, which main does not bind. `clusters`: a chain each. */
function listener(name: string, clusters: readonly string[], path = `@${name}`): ListenerConfig {
  return {
    name,
    addresses: [{ protocol: "tcp", ip: "", port: 0, path, mode: 0, ipv4Compat: false }],
    scope: SCOPE,
    workerScopes: [],
    perConnectionBufferLimitBytes: 1,
    tcpBacklogSize: 1,
    tcpKeepaliveSeconds: 0,
    reusePort: true,
    ignoreGlobalConnLimit: false,
    bypassOverloadManager: false,
    listenerFilters: [],
    listenerFiltersTimeoutMs: 0,
    continueOnListenerFiltersTimeout: false,
    filterChains: clusters.map((cluster, index) => ({
      name: "",
      match: { ...MATCH_ALL, destinationPort: index },
      metadata: null,
      udp: null,
      transportSocket: null,
      transportSocketConnectTimeoutMs: 0,
      filters: [{ name: "tcp", type: TCP_PROXY, config: { cluster } }],
    })),
    filterChainMatcher: null,
    defaultFilterChain: null,
    accessLogs: [],
    udp: null,
    openConnections: new SharedArrayBuffer(8),
    trafficDirection: "unspecified",
    drainType: "default",
    metadata: null,
  };
}

/** The listeners of two workers, which answer when the test says so. */
class Rig {
  readonly posted: ToWorker[] = [];
  readonly manager: ListenerManager;
  readonly #slots: Float64Array;
  readonly #base: number;

  constructor() {
    const registry = new FakeRegistry();
    const stats = fakeStats();
    const post = (message: ToWorker): number => this.posted.push(message);
    this.manager = new ListenerManager({ post, workers: 2, registry, stats });
    this.#slots = stats.slots;
    this.#base = registry.scope("listener_manager.", LISTENER_MANAGER_STATS).base;
  }

  stat(name: keyof typeof LISTENER_MANAGER_STATS.at): number {
    return this.#slots[this.#base + LISTENER_MANAGER_STATS.at[name]]!;
  }

  /** The last version that was posted. */
  get last(): ListenerUpdate {
    return this.posted.filter((message) => message.kind === "listener").at(-1)!.update;
  }

  answer(worker: number, { generation }: ListenerUpdate, error: string | null = null): void {
    this.manager.onMessage(worker, { kind: "listening", generation, error });
  }

  drained(worker: number, generation: number): void {
    this.manager.onMessage(worker, { kind: "drained", generation });
  }

  /** Adds or updates, with the consent of all workers. */
  async place(config: ListenerConfig): Promise<ListenerUpdate> {
    const placed = this.manager.addOrUpdate(config);
    for (const worker of [0, 1]) this.answer(worker, this.last);
    await placed;
    return this.last;
  }
}

function idsOf({ filterChains }: ListenerUpdate): number[] {
  return filterChains.map((chain) => (typeof chain === "number" ? chain : chain.id));
}

void test("a listener is there when every worker has it", async () => {
  const rig = new Rig();
  const placed = rig.manager.addOrUpdate(listener("a", ["x"]));
  assert.equal(rig.manager.stateOf("a"), "warming");
  assert.equal(rig.stat("total_listeners_warming"), 1);
  rig.answer(0, rig.last);
  assert.equal(rig.manager.listeners.length, 0);
  rig.answer(1, rig.last);
  await placed;
  assert.equal(rig.manager.stateOf("a"), "active");
  assert.equal(rig.manager.stateOf("b"), null);
  assert.deepEqual(
    [rig.stat("listener_added"), rig.stat("listener_modified"), rig.stat("total_listeners_active")],
    [1, 0, 1],
  );
  assert.equal(rig.stat("listener_create_success"), 2);
});

void test("workers hear of what changed alone; chains that mean the same are the same", async () => {
  const rig = new Rig();
  const first = await rig.place(listener("a", ["x", "y", "z"]));
  const second = await rig.place(listener("a", ["x", "other", "z"]));
  assert.deepEqual([idsOf(second)[0], idsOf(second)[2]], [idsOf(first)[0], idsOf(first)[2]]);
  assert.notEqual(idsOf(second)[1], idsOf(first)[1]);
  assert.deepEqual(
    second.filterChains.map((chain) => typeof chain),
    ["number", "object", "number"],
  );
  assert.equal(rig.stat("total_filter_chains_draining"), 1);
  rig.drained(0, second.generation);
  assert.equal(rig.stat("total_filter_chains_draining"), 1);
  rig.drained(1, second.generation);
  assert.equal(rig.stat("total_filter_chains_draining"), 0);
  assert.equal(rig.stat("listener_in_place_updated"), 1);
});

void test("an equal one posts nothing, and waits for one that is on its way", async () => {
  const rig = new Rig();
  const placed = rig.manager.addOrUpdate(listener("a", ["x"]));
  let done = false;
  const again = rig.manager.addOrUpdate(listener("a", ["x"])).then(() => (done = true));
  assert.equal(rig.posted.length, 1);
  rig.answer(0, rig.last);
  await Promise.resolve();
  assert.equal(done, false);
  rig.answer(1, rig.last);
  await Promise.all([placed, again]);
});

void test("what a worker lacks is posted whole: while it has not answered, and to a successor", async () => {
  const rig = new Rig();
  await rig.place(listener("a", ["x", "y"]));
  const second = rig.manager.addOrUpdate(listener("a", ["x", "1"]));
  const third = rig.manager.addOrUpdate(listener("a", ["x", "2"]));
  assert.ok(rig.last.filterChains.every((chain) => typeof chain === "object"));
  const [message] = rig.manager.messages();
  assert.ok(message?.kind === "listener");
  assert.equal(message.update.generation, rig.last.generation);
  assert.ok(message.update.filterChains.every((chain) => typeof chain === "object"));
  rig.answer(0, rig.last);
  rig.answer(1, rig.last);
  await Promise.all([second, third]);
});

void test("a worker that dies while a listener warms leaves nothing open: its successor answers", async () => {
  const rig = new Rig();
  const first = rig.manager.addOrUpdate(listener("a", ["1"]));
  const second = rig.manager.addOrUpdate(listener("a", ["2"]));
  rig.answer(0, rig.last);
  rig.manager.onWorkerDeath(1);
  const [message] = rig.manager.messages();
  assert.ok(message?.kind === "listener");
  rig.answer(1, message.update);
  await Promise.all([first, second]);
  assert.equal(rig.manager.stateOf("a"), "active");
  // What drained on the dead worker is gone; the other one says for itself.
  rig.drained(0, message.update.generation);
  assert.equal(rig.stat("total_filter_chains_draining"), 0);
});

void test("one that is removed while it warms leaves nothing open either", async () => {
  const rig = new Rig();
  const placed = rig.manager.addOrUpdate(listener("a", ["1"]));
  assert.equal(rig.manager.remove("a"), true);
  await placed;
  assert.equal(rig.manager.stateOf("a"), null);
  assert.equal(rig.stat("total_listeners_draining"), 1);
  rig.answer(0, rig.last);
  rig.manager.onWorkerDeath(1);
  const { generation } = rig.posted.at(-1) as Extract<ToWorker, { kind: "remove_listener" }>;
  rig.drained(0, generation);
  assert.equal(rig.stat("total_listeners_draining"), 0);
});

void test("a worker's error takes the version back everywhere, and the one before stays", async () => {
  const rig = new Rig();
  const first = await rig.place(listener("a", ["1", "2"]));
  const placed = rig.manager.addOrUpdate(listener("a", ["1", "3"]));
  const failing = rig.last;
  rig.answer(0, failing);
  rig.answer(1, failing, "no more files");
  await assert.rejects(placed, { name: "StartError", message: "no more files" });
  assert.ok(rig.last.generation > failing.generation);
  assert.deepEqual(idsOf(rig.last), idsOf(first));
  assert.ok(rig.last.filterChains.every((chain) => typeof chain === "object"));
  assert.equal(rig.manager.stateOf("a"), "active");
  assert.deepEqual(rig.manager.listeners[0]!.filterChains, listener("a", ["1", "2"]).filterChains);
  assert.deepEqual([rig.stat("listener_modified"), rig.stat("listener_create_failure")], [0, 1]);
  await rig.place(listener("a", ["1", "3"]));
});

void test("a first version that a worker cannot take is taken back from the others", async () => {
  const rig = new Rig();
  const placed = rig.manager.addOrUpdate(listener("a", ["1"]));
  rig.answer(0, rig.last, "no");
  rig.answer(1, rig.last);
  await assert.rejects(placed, { message: "no" });
  assert.deepEqual(rig.posted.at(-1)!.kind, "remove_listener");
  assert.equal(rig.manager.stateOf("a"), null);
  await rig.place(listener("a", ["1"]));
});

void test("an address of another listener is refused, also of one that warms, until that one is gone", async () => {
  const rig = new Rig();
  const first = rig.manager.addOrUpdate(listener("a", ["1"], "@one"));
  await assert.rejects(rig.manager.addOrUpdate(listener("b", ["1"], "@one")), {
    message:
      /^error adding listener: 'b' has duplicate address '@one' as existing listener, to check/,
  });
  rig.answer(0, rig.last);
  rig.answer(1, rig.last);
  await first;
  rig.manager.remove("a");
  await rig.place(listener("b", ["1"], "@one"));
});

void test("a listener of other stats or another place is another listener: the old one drains as a whole", async () => {
  const rig = new Rig();
  const first = await rig.place(listener("a", ["1"]));
  const moved = await rig.place(listener("a", ["1"], "@elsewhere"));
  assert.notDeepEqual(idsOf(moved), idsOf(first));
  assert.equal(rig.stat("total_listeners_draining"), 1);
  assert.equal(rig.stat("total_filter_chains_draining"), 0);
  const renamed = await rig.place({
    ...listener("a", ["1"], "@elsewhere"),
    scope: { ...SCOPE, base: 7 },
  });
  assert.notDeepEqual(idsOf(renamed), idsOf(moved));
  assert.equal(rig.stat("total_listeners_draining"), 2);
  assert.equal(rig.stat("listener_in_place_updated"), 0);
});

void test("a worker that comes late hears what else it must know", () => {
  const rig = new Rig();
  rig.manager.setHealthCheckFailed(true);
  rig.manager.drain({ inboundOnly: true }, true);
  assert.deepEqual(rig.manager.messages(), [
    { kind: "health_check_failed", failed: true },
    { kind: "drain", stopAccepting: true, inboundOnly: true },
  ]);
});
