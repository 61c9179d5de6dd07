import type { LoadReporter, XdsClient } from "@nuncio/xds";
import { networkFilterMainSides } from "../network-filters.ts";
import { log } from "../observe/log/log.ts";
import type { WorkerStats } from "../observe/stats/definition.ts";
import { registerProcessStats } from "../observe/stats/process-stats.ts";
import type { StatsStore } from "../observe/stats/store.ts";
import { LISTENER_STATS } from "../observe/stats/tables/listener.ts";
import { SERVER_STATS } from "../observe/stats/tables/server.ts";
import { MainOverload } from "../overload/main-overload.ts";
import { NodeDiscoveryRuntime } from "../upstream/discovery/node-runtime.ts";
import { ClusterManager } from "../upstream/manager/cluster-manager.ts";
import type { ManagedCluster } from "../upstream/manager/managed-cluster.ts";
import {
  createUpstreamMemory,
  type UpstreamMemoryBuffers,
} from "../upstream/shared/upstream-memory.ts";
import type { FromWorker, ToWorker, WorkerInit } from "../worker/messages.ts";
import type { DrainOptions, ServerState } from "./admin/providers.ts";
import type { CompiledBootstrap } from "./compile-bootstrap.ts";
import { controlPlanes } from "./control-plane/control-planes.ts";
import { reachControlPlanes } from "./control-plane/reach.ts";
import { restWhileBusy } from "./control-plane/rest-while-busy.ts";
import { assignmentCompiler } from "./dynamic/assignment-compiler.ts";
import { LiveConfig } from "./dynamic/live-config.ts";
import { meetDemand } from "./dynamic/on-demand.ts";
import type { HdsDelegate } from "./health-discovery/hds-delegate.ts";
import { healthDiscovery } from "./health-discovery/health-discovery.ts";
import { hostIp } from "./host-ip.ts";
import type { RestartableServer } from "./hot-restart/serving-process.ts";
import { WorkerSockets } from "./hot-restart/worker-sockets.ts";
import { ListenerManager } from "./listener-manager.ts";
import { LiveRuntime } from "./live-runtime.ts";
import { loadReports } from "./load-reports/load-reports.ts";
import { encodedNode } from "./node-message.ts";
import type { ProxyOptions } from "./options.ts";
import { SecretRotation } from "./secrets/secret-rotation.ts";
import { WorkerPool, type WorkerPoolOwner } from "./worker-pool.ts";

const STATS = SERVER_STATS.at;
const OPEN_CONNECTIONS = [
  LISTENER_STATS.at.downstream_cx_active,
  LISTENER_STATS.at.downstream_pre_cx_active,
];

/** The proxy on the main thread: owns the workers, the clusters and the listeners, and what state all of it is in. */
export class Server implements WorkerPoolOwner, RestartableServer {
  readonly options: ProxyOptions;
  readonly compiled: CompiledBootstrap;
  readonly store: StatsStore;
  readonly clusters: ClusterManager;
  readonly listeners: ListenerManager;
  readonly runtime: LiveRuntime;
  readonly controlPlanes: XdsClient;
  readonly #loadReporter: LoadReporter | null;
  readonly #healthDiscovery: HdsDelegate | null;
  readonly #live: LiveConfig;
  readonly #rotation: SecretRotation;
  readonly startedMs: number = performance.now();
  readonly startDate: Date = new Date();
  firstEpochMs: number = Date.now();
  parentConnections: () => number = () => 0;
  /** Those that came from elsewhere, and those that go on elsewhere. */
  readonly sockets: WorkerSockets;
  /** What else has files to open anew: the admin listener. */
  onReopenLogs: () => void = () => {};
  readonly #pool: WorkerPool;
  readonly #upstream: UpstreamMemoryBuffers;
  readonly #hostIp: string;
  readonly #overload: MainOverload | null;
  readonly #stats: WorkerStats;
  readonly #statsBase: number;
  readonly #log = log.logger("main");
  #state: ServerState = "PRE_INITIALIZING";
  #healthCheckFailed = false;
  #handedOver = false;
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
    this.sockets = new WorkerSockets(this.#pool);
    const post = (message: ToWorker): void => this.#pool.broadcast(message);
    this.runtime = new LiveRuntime(compiled.runtime, compiled.deprecatedFeatures, store, post);
    this.listeners = new ListenerManager({
      post,
      workers: options.concurrency,
      registry: store,
      stats: store.main,
      isInherited: (address) => this.sockets.has(address),
    });
    const findCluster = (name: string): ManagedCluster | undefined => this.clusters.get(name);
    const restMs = restWhileBusy(this.#pool);
    const reach = reachControlPlanes(compiled.tls, findCluster, store, store.main, restMs);
    this.controlPlanes = controlPlanes(compiled, reach, store, store.main);
    this.clusters = this.#newClusterManager(post);
    this.#loadReporter = loadReports(compiled, this.clusters, reach, store, store.main);
    this.#healthDiscovery = healthDiscovery(compiled, reach, store, store.main, (text) =>
      log.logger("upstream").warning(text),
    );
    this.#rotation = new SecretRotation(compiled.tls, post, store, store.main);
    this.#live = new LiveConfig(
      compiled,
      { clusters: this.clusters, listeners: this.listeners, secrets: this.#rotation },
      { networkFilters: networkFilterMainSides, workers: options.concurrency },
      {
        subscriptions: this.controlPlanes,
        context: { ...compiled.context, clusterNames: this.clusters },
        allowUnimplemented: options.allowUnimplemented,
        registry: store,
        stats: store.main,
        wallMs: Date.now,
        post,
        warn: (text) => log.logger("config").warning(text),
      },
    );
    this.#overload =
      compiled.overload === null
        ? null
        : new MainOverload(compiled.overload, {
            workers: options.concurrency,
            registry: store,
            stats: store.main,
            post,
            info: (text) => log.logger("main").info(text),
          });
    registerProcessStats(store, options.concurrency);
    store.onRead(() => this.#refreshGauges());
    store.onForget = (names) => post({ kind: "forget_stats", names });
  }

  get state(): ServerState {
    const draining = this.#healthCheckFailed || this.#handedOver;
    return draining && this.#state === "LIVE" ? "DRAINING" : this.#state;
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
    for (const id of this.#pool.living)
      for (const message of this.sockets.messages(id)) this.#pool.send(id, message);
    this.#pool.broadcast(this.runtime.message());
    this.runtime.start();
    await this.#live.startClusters(() => {
      this.#loadReporter?.start();
      this.#healthDiscovery?.start();
    });
    if (this.#stopped) return;
    this.#log.info("all clusters initialized. initializing init manager");
    await this.#live.startListeners(({ addresses }) =>
      addresses.every((address) => this.sockets.has(address)),
    );
    this.listeners.workersStarted();
    this.#rotation.start();
    this.#overload?.manager.start();
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
    this.runtime.close();
    this.#live.close();
    this.#loadReporter?.close();
    this.#healthDiscovery?.close();
    this.controlPlanes.close();
    this.#overload?.manager.stop();
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

  acceptInherited(): void {
    this.sockets.release(this.listeners.listeners.flatMap(({ addresses }) => addresses));
  }

  async handOver(): Promise<void> {
    this.#handedOver = true;
    this.listeners.drain({ inboundOnly: false }, true);
    this.#pool.broadcast({ kind: "last_call" });
    // Messages keep their order: who answers has stopped accepting, and counted all that it accepted.
    await this.sockets.listening();
  }

  connections(): number {
    let sum = 0;
    for (const { scope, table } of this.store.scopes) {
      if (table !== LISTENER_STATS) continue;
      for (const stat of OPEN_CONNECTIONS) sum += this.store.gauge(scope.base + stat);
    }
    return sum;
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
      node: encodedNode(this.compiled),
      overload: this.#overload?.init ?? null,
      accessLog: {
        flushIntervalMs: options.fileFlushIntervalMs,
        flushBytes: options.fileFlushMinKiB * 1024,
      },
      drain: { timeMs: options.drainTimeSeconds * 1000, strategy: options.drainStrategy },
    };
  }

  currentState(id: number): readonly ToWorker[] {
    // What accepts now is another process.
    const listeners = this.#handedOver ? [] : this.listeners.messages();
    const updates: ToWorker[] = this.clusters
      .snapshot()
      .map((update) => ({ kind: "cluster", update }));
    return [
      this.runtime.message(),
      ...this.sockets.messages(id),
      ...updates,
      ...this.compiled.routeConfigs.messages(),
      ...this.compiled.scopedRoutes.messages(),
      ...this.compiled.extensionConfigs.messages(),
      ...listeners,
      ...this.#rotation.messages(),
      ...(this.#overload?.messages() ?? []),
      ...this.sockets.lastMessages(),
    ];
  }

  onMessage(workerId: number, message: FromWorker): void {
    switch (message.kind) {
      case "ready":
        break;
      case "listening":
      case "drained":
        this.listeners.onMessage(workerId, message);
        break;
      case "sockets":
        this.sockets.onListed(workerId, message.sockets);
        break;
      case "stat":
        this.store.announced(workerId, message.announcement);
        break;
      case "demand":
        meetDemand(message.demand, this.compiled, (found) => {
          this.#pool.broadcast({ kind: "demand_met", demand: message.demand, found });
        });
        break;
      case "exception":
        this.#log.error(`exception on worker ${workerId}: ${message.text}`);
        break;
    }
  }

  onDeath(workerId: number, reason: string): void {
    this.#log.critical(`worker ${workerId} died and is replaced: ${reason}`);
    this.clusters.workerDied(workerId);
    this.sockets.onDeath(workerId);
    this.listeners.onWorkerDeath(workerId);
    this.#overload?.workerDied(workerId);
  }

  #newClusterManager(post: (message: ToWorker) => void): ClusterManager {
    const { compiled, options, store } = this;
    return new ClusterManager({
      memory: this.#upstream,
      registry: store,
      stats: store.main,
      runtime: new NodeDiscoveryRuntime(store, store.main),
      eds: {
        subscriptions: this.controlPlanes,
        ...assignmentCompiler(compiled.context, options.allowUnimplemented),
      },
      runtimeValues: compiled.runtime.runtime,
      locality: compiled.node,
      post: (update) => post({ kind: "cluster", update }),
      warn: (text) => log.logger("upstream").warning(text),
    });
  }

  #refreshGauges(): void {
    const { slots } = this.#stats;
    const base = this.#statsBase;
    const memory = process.memoryUsage();
    this.clusters.refreshGauges();
    slots[base + STATS.concurrency] = this.options.concurrency;
    slots[base + STATS.hot_restart_epoch] = this.options.restartEpoch;
    slots[base + STATS.hot_restart_generation] = this.options.restartEpoch + 1;
    slots[base + STATS.parent_connections] = this.parentConnections();
    slots[base + STATS.total_connections] = this.connections();
    slots[base + STATS.uptime] = Math.floor((Date.now() - this.firstEpochMs) / 1000);
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
