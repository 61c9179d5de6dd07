import assert from "node:assert/strict";
import { test } from "node:test";
import { TimerWheel } from "../../base/timer-wheel.ts";
import { StreamInfo } from "../../observe/stream-info.ts";
import { OverloadState } from "../../overload/overload-state.ts";
import { fakeStats } from "../../upstream/testing/fake-worker.ts";
import type { NetworkFilterCallbacks } from "../filter.ts";
import type { NetworkServices } from "../services.ts";
import { tcpProxyWorkerSide } from "./filter.ts";
import type { TcpProxyConfig } from "./model.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const CONFIG: TcpProxyConfig = {
  scope: { prefix: "tcp.t.", base: 0, histogramBase: 0 },
  clusters: [
    { name: "a", weight: 1 },
    { name: "b", weight: 2 },
    { name: "c", weight: 1 },
  ],
  hashPolicies: [],
  totalWeight: 4,
  idleTimeoutMs: 1000,
  maxConnectAttempts: 1,
  maxDownstreamConnectionDurationMs: 0,
  maxDownstreamConnectionDurationJitterPercent: 0,
  logIntervalMs: 0,
  logOnConnected: false,
  logOnStart: false,
  accessLogs: [],
  tunneling: null,
  onDemand: null,
};

const TUNNELING: TcpProxyConfig["tunneling"] = {
  hostname: { kind: "text", parts: ["a:1"], absent: "-" },
  postPath: "",
  headersToAdd: null,
  propagatesHeaders: false,
  propagatesTrailers: false,
  requestId: null,
};

/** Services of a worker whose clock and dice the test moves. */
class Stage {
  now = 5000;
  dice = 0;
  #wakeAt = Infinity;
  #wake: () => void = () => {};
  readonly services: NetworkServices;

  constructor() {
    const timers = new TimerWheel({
      nowMs: () => this.now,
      wakeAfter: (delayMs, wake) => {
        this.#wakeAt = this.now + delayMs;
        this.#wake = wake;
      },
      onException(error) {
        throw error;
      },
    });
    const worker = { timers, stats: fakeStats(), nowMs: () => this.now, random: () => this.dice };
    const overload = OverloadState.NONE;
    this.services = { worker, overload, buildAccessLogs: () => [] } as unknown as NetworkServices;
  }

  advanceTo(time: number): void {
    while (this.#wakeAt <= time) {
      this.now = this.#wakeAt;
      this.#wakeAt = Infinity;
      this.#wake();
    }
    this.now = time;
  }
}

void test("a cluster is chosen by its weight", () => {
  const stage = new Stage();
  const proxy = new TcpProxy(CONFIG, stage.services);
  const chosen: string[] = [];
  for (const dice of [0, 0.24, 0.25, 0.5, 0.74, 0.75, 0.999_999]) {
    stage.dice = dice;
    chosen.push(proxy.chooseCluster(new StreamInfo()));
  }
  assert.deepEqual(chosen, ["a", "a", "b", "b", "b", "c", "c"]);
});

void test("a connection whose output is still being read is not idle", () => {
  const stage = new Stage();
  const closes: number[] = [];
  const connection = { lastDrainMs: 0, close: (): number => closes.push(stage.now) };
  const callbacks = {
    connection,
    streamInfo: new StreamInfo(),
  } as unknown as NetworkFilterCallbacks;
  const filter = tcpProxyWorkerSide.build(CONFIG, stage.services).create(callbacks);
  filter.onData(Buffer.from("x"), 0, 1);
  connection.lastDrainMs = 5900;
  stage.advanceTo(6800);
  assert.deepEqual(closes, []);
  stage.advanceTo(8000);
  assert.equal(closes.length, 1);
  assert.ok(closes[0]! >= 6900, `closed at ${closes[0]}`);
});

void test("the filter state of a connection says when it is idle, and whether it may go into a tunnel", () => {
  const { services } = new Stage();
  const proxy = new TcpProxy({ ...CONFIG, tunneling: TUNNELING }, services);
  const info = new StreamInfo();
  assert.equal(proxy.idleTimeoutMs(info), 1000);
  assert.notEqual(proxy.tunnelingOf(info), null);
  const object = (text: string): unknown => ({ filterStateText: text, filterStateJson: text });
  info.filterState = new Map([
    ["envoy.tcp_proxy.per_connection_idle_timeout_ms", object("0")],
    ["envoy.tcp_proxy.disable_tunneling", object("true")],
  ]);
  assert.equal(proxy.idleTimeoutMs(info), 0);
  assert.equal(proxy.tunnelingOf(info), null);
  const forever = new TcpProxy({ ...CONFIG, idleTimeoutMs: 0 }, services);
  assert.equal(forever.idleTimeoutMs(new StreamInfo()), Infinity);
});
