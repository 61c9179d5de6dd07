import { log } from "../observe/log/log.ts";
import type { WorkerStats } from "../observe/stats/definition.ts";
import { registerProcessStats, setClustersInflated } from "../observe/stats/process-stats.ts";
import type { StatsStore } from "../observe/stats/store.ts";
import { SERVER_STATS } from "../observe/stats/tables/server.ts";
import { NodeDiscoveryRuntime } from "../upstream/discovery/node-runtime.ts";
import { ClusterManager } from "../upstream/manager/cluster-manager.ts";
import {
  createUpstreamMemory,
  type UpstreamMemoryBuffers,
} from "../upstream/shared/upstream-memory.ts";
import type { FromWorker, ToWorker, WorkerInit } from "../worker/messages.ts";
import type { DrainOptions, ServerState } from "./admin/providers.ts";
import type { CompiledBootstrap } from "./compile-bootstrap.ts";
import { hostIp } from "./host-ip.ts";
import { ListenerManager } from "./listener-manager.ts";
import type { ProxyOptions } from "./options.ts";
import { SecretRotation } from "./secrets/secret-rotation.ts";
import { WorkerPool, type WorkerPoolOwner } from "./worker-pool.ts";

const STATS = SERVER_STATS.at;

/** The proxy on the main thread: owns the workers, the clusters and the listeners, and what state all of it is in. */
export class Server implements WorkerPoolOwner {
  readonly options: ProxyOptions;
  readonly compiled: CompiledBootstrap;
  readonly store: StatsStore;
  readonly clusters: ClusterManager;
  readonly listeners: ListenerManager;
  readonly #rotation: SecretRotation;
  readonly startedMs: number = performance.now();
  readonly startDate: Date = new Date();
  /** What else has files to open anew: the admin listener. */
  onReopenLogs: () => void = () => {};
  readonly #pool: WorkerPool;
  readonly #upstream: UpstreamMemoryBuffers;
  readonly #hostIp: string;
  readonly #stats: WorkerStats;
  readonly #statsBase: number;
  readonly #log = log.logger("main");
  #state: ServerState = "PRE_INITIALIZING";
  #healthCheckFailed = false;
  #stopped = false;
  #flushTimer: NodeJS.Timeout | null = null;

  constructor(
    options: ProxyOptions,
    compiled: CompiledBootstrap,
    store: StatsStore,
    workerEntry: URL,
  ) {
    this.options = options;
    this.#hostIp = hostIp(options.localAddressIpVersion);
    this.compiled = compiled;
    this.store = store;
    this.#stats = store.main;
    this.#statsBase = store.scope("server.", SERVER_STATS).base;
    this.#upstream = createUpstreamMemory(options.concurrency);
    this.#pool = new WorkerPool(this, workerEntry);
    const post = (message: ToWorker): void => this.#pool.broadcast(message);
    this.listeners = new ListenerManager({
      post,
      workers: options.concurrency,
      registry: store,
      stats: store.main,
      onTlsUnused: (ids) => compiled.tls.release(ids),
    });
    this.clusters = new ClusterManager({
      memory: this.#upstream,
      registry: store,
      stats: store.main,
      runtime: new NodeDiscoveryRuntime(store, store.main),
      locality: compiled.node,
      post: (update) => post({ kind: "cluster", update }),
      warn: (text) => log.logger("upstream").warning(text),
    });
    this.#rotation = new SecretRotation(compiled.tls, post, store, store.main);
    registerProcessStats(store, options.concurrency);
    store.onRead(() => this.#refreshGauges());
  }

  get state(): ServerState {
    return this.#healthCheckFailed && this.#state === "LIVE" ? "DRAINING" : this.#state;
  }

  get workers(): WorkerPool {
    return this.#pool;
  }

  /**
   * Starts workers, clusters, then listeners, in this order: nothing is accepted before it can be served.
   * @throws StartError when an address cannot be bound
   */
  async start(): Promise<void> {
    this.#state = "INITIALIZING";
    await this.#pool.start(this.options.concurrency);
    if (this.#stopped) return;
    for (const definition of this.compiled.clusters) this.clusters.addOrUpdate(definition);
    await new Promise<void>((resolve) => this.clusters.whenInitialized(resolve));
    if (this.#stopped) return;
    setClustersInflated(this.store, this.options.concurrency, this.compiled.clusters.length);
    this.#log.info("all clusters initialized. initializing init manager");
    await Promise.all(this.compiled.listeners.map((listener) => this.listeners.add(listener)));
    this.listeners.workersStarted();
    this.#rotation.start();
    this.#state = "LIVE";
    this.#stats.slots[this.#statsBase + STATS.live] = 1;
    const tookMs = Math.round(performance.now() - this.startedMs);
    this.#stats.record(
      this.store.scope("server.", SERVER_STATS).histogramBase + STATS.initialization_time_ms,
      tookMs,
    );
    this.#flushTimer = setInterval(() => this.store.flush(), this.compiled.statsFlushIntervalMs);
    this.#log.info(`all dependencies initialized. starting workers`);
  }

  /** Ends everything, also a start that is not through. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#flushTimer !== null) clearInterval(this.#flushTimer);
    this.clusters.close();
    this.#rotation.close();
    await this.#pool.stop();
  }

  setHealthCheckFailed(failed: boolean): void {
    this.#healthCheckFailed = failed;
    this.listeners.setHealthCheckFailed(failed);
  }

  /** `POST /drain_listeners`: at once, or over the drain time first. Connections part with their peers meanwhile. */
  drainListeners({ graceful, skipExit, inboundOnly }: DrainOptions): void {
    this.listeners.drain({ inboundOnly }, !graceful);
    if (!graceful || skipExit) return;
    setTimeout(() => {
      this.listeners.drain({ inboundOnly }, true);
    }, this.options.drainTimeSeconds * 1000).unref();
  }

  reopenLogs(): void {
    log.reopen();
    this.onReopenLogs();
    this.#pool.broadcast({ kind: "reopen_logs" });
  }

  // What the workers' pool asks.

  init(workerId: number): WorkerInit {
    const { options } = this;
    return {
      workerId,
      workers: options.concurrency,
      stats: this.store.workerMemory(workerId),
      upstream: this.#upstream,
      hostIp: this.#hostIp,
      accessLog: {
        flushIntervalMs: options.fileFlushIntervalMs,
        flushBytes: options.fileFlushMinKiB * 1024,
      },
      drain: { timeMs: options.drainTimeSeconds * 1000, strategy: options.drainStrategy },
    };
  }

  currentState(): readonly ToWorker[] {
    const updates: ToWorker[] = this.clusters
      .snapshot()
      .map((update) => ({ kind: "cluster", update }));
    return [...updates, ...this.listeners.messages(), ...this.#rotation.messages()];
  }

  onMessage(workerId: number, message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        break;
      case "listening":
      case "drained":
        this.listeners.onMessage(workerId, message);
        break;
      case "stat":
        this.store.announced(workerId, message.announcement);
        break;
      case "exception":
        this.#log.error(`exception on worker ${workerId}: ${message.text}`);
        break;
    }
  }

  onDeath(workerId: number, reason: string): void {
    this.#log.critical(`worker ${workerId} died and is replaced: ${reason}`);
    this.clusters.workerDied(workerId);
    this.listeners.onWorkerDeath(workerId);
  }

  #refreshGauges(): void {
    const { slots } = this.#stats;
    const base = this.#statsBase;
    const memory = process.memoryUsage();
    this.clusters.refreshGauges();
    slots[base + STATS.concurrency] = this.options.concurrency;
    slots[base + STATS.uptime] = Math.floor((performance.now() - this.startedMs) / 1000);
    slots[base + STATS.state] = SERVER_STATES.indexOf(this.state);
    slots[base + STATS.live] = this.state === "LIVE" ? 1 : 0;
    slots[base + STATS.memory_allocated] = memory.heapUsed + memory.external;
    slots[base + STATS.memory_heap_size] = memory.heapTotal + memory.external;
    slots[base + STATS.memory_physical_size] = memory.rss;
  }
}

/** By Envoy's numbers (`envoy.admin.v3.ServerInfo.State`). */
const SERVER_STATES: readonly ServerState[] = [
  "LIVE",
  "DRAINING",
  "PRE_INITIALIZING",
  "INITIALIZING",
];
