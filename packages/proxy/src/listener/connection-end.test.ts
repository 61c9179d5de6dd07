import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test, type TestContext } from "node:test";
import { sharedCountMemory } from "../base/shared-count.ts";
import { NetworkStatus, type NetworkFilter } from "../network/filter.ts";
import type { NetworkServices } from "../network/services.ts";
import { LISTENER_STATS, LISTENER_WORKER_STATS } from "../observe/stats/tables/listener.ts";
import { OverloadState } from "../overload/overload-state.ts";
import { leaf } from "../testing/connection-rig.ts";
import { testTransport } from "../testing/loop.ts";
import { turnsUntil } from "../testing/turns.ts";
import { certificateConfig, downstreamTls } from "../transport/tls/testing/tls-configs.ts";
import { TlsSockets } from "../transport/tls/tls-sockets.ts";
import { FakeRegistry } from "../upstream/testing/fake-registry.ts";
import { FakeWorker } from "../upstream/testing/fake-worker.ts";
import { Drain } from "./drain.ts";
import { MATCH_ALL } from "./filter-chain-match.ts";
import { Listener } from "./listener.ts";
import type { FilterChainConfig, ListenerSettings } from "./model.ts";

const QUIET: NetworkFilter = {
  onNewConnection: () => NetworkStatus.Continue,
  onData: () => NetworkStatus.StopIteration,
  onEndStream() {},
  onClose() {},
  onAboveWriteBufferHighWatermark() {},
  onBelowWriteBufferLowWatermark() {},
};

function explode(): never {
  throw new Error("a filter's fault");
}

interface Rig {
  readonly listener: Listener;
  /** How often the filter's factory was closed. */
  readonly closes: () => number;
  readonly exceptions: readonly unknown[];
  readonly timers: { readonly size: number };
  stat(name: keyof typeof LISTENER_STATS.at): number;
  connect(): Promise<net.Socket>;
}

let listeners = 0;

/** A listener whose connections have one filter, made by `create`. */
function listen(
  t: TestContext,
  create: () => NetworkFilter,
  chain: Partial<FilterChainConfig> = {},
): Rig {
  const { transport, exceptions } = testTransport();
  const worker = new FakeWorker();
  const registry = new FakeRegistry();
  const name = `nuncio-test-${process.pid}-${++listeners}`;
  const settings: ListenerSettings = {
    name: "l",
    addresses: [{ protocol: "tcp", ip: "", port: 0, path: `@${name}`, mode: 0, ipv4Compat: false }],
    scope: registry.scope("l.", LISTENER_STATS),
    openConnections: sharedCountMemory(1),
    workerScopes: [registry.scope("w.", LISTENER_WORKER_STATS)],
    perConnectionBufferLimitBytes: 1024,
    tcpBacklogSize: 16,
    tcpKeepaliveSeconds: 0,
    reusePort: false,
    listenerFilters: [],
    listenerFiltersTimeoutMs: 0,
    continueOnListenerFiltersTimeout: false,
    filterChainMatcher: null,
    accessLogs: [],
    ignoreGlobalConnLimit: false,
    bypassOverloadManager: false,
    trafficDirection: "unspecified",
    drainType: "default",
    metadata: null,
    udp: null,
  };
  const services = {
    worker,
    transport,
    tlsSockets: new TlsSockets(worker, transport, () => null),
    overload: OverloadState.NONE,
    buildAccessLogs: () => [],
  } as unknown as NetworkServices;
  let closes = 0;
  const factory = { halfClose: false, create, close: (): void => void (closes += 1) };
  const listener = new Listener(settings, services, () => factory);
  const config: FilterChainConfig = {
    name: "",
    match: MATCH_ALL,
    metadata: null,
    transportSocket: null,
    transportSocketConnectTimeoutMs: 0,
    filters: [{ name: "f", type: "f", config: null }],
    ...chain,
  };
  const filterChains = [{ id: 1, revision: 0, config }];
  const update = { generation: 1, settings, filterChains, defaultFilterChain: null };
  const drain = new Drain({ timeMs: 1, strategy: "immediate" }, worker);
  const opened = listener.update(update, drain, () => {});
  assert.equal(opened, null);
  t.after(() => {
    listener.stopAccepting();
    listener.closeConnections();
  });
  return {
    listener,
    closes: () => closes,
    exceptions,
    timers: transport.timers,
    stat: (key) => worker.stats.slots[settings.scope.base + LISTENER_STATS.at[key]]!,
    async connect() {
      const socket = net.connect({ path: `\0${name}` });
      t.after(() => socket.destroy());
      socket.on("error", () => {});
      await once(socket, "connect");
      return socket;
    },
  };
}

for (const method of ["onNewConnection", "onData", "onClose"] as const) {
  void test(`a filter that throws in ${method} costs its connection, of which nothing is left`, async (t) => {
    const rig = listen(t, () => ({ ...QUIET, [method]: explode }));
    const socket = await rig.connect();
    socket.end("hello");
    await turnsUntil(() => rig.stat("downstream_cx_destroy") === 1);
    assert.equal(rig.exceptions.length, 1);
    assert.equal(rig.stat("downstream_cx_active"), 0);
  });
}

void test("a connection that closes takes the limit of its handshake with it", async (t) => {
  const transportSocket = downstreamTls([certificateConfig(await leaf())]);
  const rig = listen(t, () => QUIET, {
    transportSocket,
    transportSocketConnectTimeoutMs: 3_600_000,
  });
  const socket = await rig.connect();
  await turnsUntil(() => rig.timers.size === 1);
  socket.destroy();
  await turnsUntil(() => rig.stat("downstream_cx_active") === 0);
  assert.equal(rig.timers.size, 0);
});

void test("a handshake that takes too long ends the connection, and is counted", async (t) => {
  const transportSocket = downstreamTls([certificateConfig(await leaf())]);
  const rig = listen(t, () => QUIET, { transportSocket, transportSocketConnectTimeoutMs: 1 });
  const socket = await rig.connect();
  socket.resume();
  await once(socket, "close");
  assert.equal(rig.stat("downstream_cx_transport_socket_connect_timeout"), 1);
  assert.equal(rig.stat("downstream_cx_active"), 0);
});

void test("what a chain was built of is closed with the last connection, once", async (t) => {
  const rig = listen(t, () => QUIET);
  const sockets = [await rig.connect(), await rig.connect()];
  await turnsUntil(() => rig.stat("downstream_cx_active") === 2);
  let retired = 0;
  const drain = new Drain({ timeMs: 600_000, strategy: "immediate" }, new FakeWorker());
  rig.listener.retire(drain, () => (retired += 1));
  sockets[0]!.destroy();
  await turnsUntil(() => rig.stat("downstream_cx_active") === 1);
  assert.deepEqual([rig.closes(), retired], [0, 0]);
  sockets[1]!.destroy();
  await turnsUntil(() => rig.stat("downstream_cx_active") === 0);
  assert.deepEqual([rig.closes(), retired], [1, 1]);
});
