import assert from "node:assert/strict";
import { formatProblem, load, validate, type Problem } from "@nuncio/api";
import type { Listener } from "@nuncio/api/types/envoy/config/listener/v3/listener_pb";
import type { XdsClientStatus } from "@nuncio/xds";
import type { InitTarget } from "../config/context.ts";
import type { Subscriptions } from "../config/subscriptions.ts";
import type { AsyncClient } from "../http/async-client/async-client.ts";
import { compileListener } from "../listener/config.ts";
import type { DrainOptions } from "../listener/drain.ts";
import type { ListenerConfig } from "../listener/model.ts";
import { compileBootstrap, type CompiledBootstrap } from "../main/compile-bootstrap.ts";
import { controlPlanes } from "../main/control-plane/control-planes.ts";
import { reachControlPlanes } from "../main/control-plane/reach.ts";
import { assignmentCompiler } from "../main/dynamic/assignment-compiler.ts";
import { LiveConfig } from "../main/dynamic/live-config.ts";
import type { LiveParts } from "../main/dynamic/live-parts.ts";
import { meetDemand } from "../main/dynamic/on-demand.ts";
import type { ResourceContext } from "../main/dynamic/resource-compiler.ts";
import { healthDiscovery } from "../main/health-discovery/health-discovery.ts";
import { ListenerManager } from "../main/listener-manager.ts";
import { LiveRuntime } from "../main/live-runtime.ts";
import { loadReports } from "../main/load-reports/load-reports.ts";
import { encodedNode } from "../main/node-message.ts";
import type { ProxyOptions } from "../main/options.ts";
import { SecretRotation } from "../main/secrets/secret-rotation.ts";
import { networkFilterMainSides } from "../network-filters.ts";
import type { StatsLimits } from "../observe/stats/memory.ts";
import { StatsStore } from "../observe/stats/store.ts";
import type { Demand } from "../on-demand/model.ts";
import { MainOverload, type OverloadMessage } from "../overload/main-overload.ts";
import { NodeDiscoveryRuntime } from "../upstream/discovery/node-runtime.ts";
import { ClusterManager } from "../upstream/manager/cluster-manager.ts";
import type { ManagedCluster } from "../upstream/manager/managed-cluster.ts";
import {
  createUpstreamMemory,
  type UpstreamMemoryBuffers,
} from "../upstream/shared/upstream-memory.ts";
import type { FromWorker, ToWorker, WorkerInit } from "../worker/messages.ts";
import { Worker } from "../worker/worker.ts";

/** A proxy on the test's own thread: main and one worker without threads between them. */
export interface TestProxy {
  /** The port of the listener of that name. */
  port(listener: string): number;
  /** The ports of all its addresses, in order. */
  ports(listener: string): readonly number[];
  /** The value of a counter or gauge by its full name; undefined when there is none. */
  stat(name: string): number | undefined;
  /** A text readout by its full name; undefined when there is none. */
  textReadout(name: string): string | undefined;
  /** What the control planes gave, and how that went. */
  controlPlanes(): XdsClientStatus;
  /** Has the overload manager measure, now. */
  refreshOverload(): void;
  /** As every `stats_flush_interval`. */
  flushStats(): void;
  readonly clusters: ClusterManager;
  /** What resources that come later are compiled with. */
  readonly context: ResourceContext;
  /** What filters threw. */
  readonly exceptions: readonly string[];
  /** The listeners on main. */
  readonly listeners: ListenerManager;
  /** Of the worker. */
  readonly asyncClient: AsyncClient;
  /** Adds or updates a listener (YAML). Rejects with the problems, or with what the manager says. */
  setListener(yaml: string): Promise<void>;
  /** As main to the worker. */
  post(message: ToWorker): void;
  /** Sets values of the admin layer, as `/runtime_modify` does. */
  modifyRuntime(values: Readonly<Record<string, string>>): void;
  close(): void;
}

/** How connections of what goes away drain. */
const DRAIN: DrainOptions = { timeMs: 600_000, strategy: "gradual" };

const OPTIONS = {
  configPath: "test.yaml",
  configYaml: "",
  mode: "serve",
  allowUnimplemented: false,
  concurrency: 1,
  serviceCluster: "",
  serviceNode: "",
  serviceZone: "",
} as ProxyOptions;

/** Without layers of its own a proxy gets one of admin, for `modifyRuntime`. */
const ADMIN_RUNTIME = { name: "runtime.yaml", content: "layered_runtime: {}" };

/** What a test may have in the place of what a proxy has. */
export interface TestProxyOptions {
  readonly limits?: StatsLimits;
  /** Where resources come from, instead of control planes. */
  readonly subscriptions?: Subscriptions;
}

/** Starts a bootstrap given as YAML; listeners should ask for port 0. Throws with all problems when it is refused. */
export async function startProxy(
  yaml: string,
  drain: DrainOptions = DRAIN,
  { limits, subscriptions }: TestProxyOptions = {},
): Promise<TestProxy> {
  const store = new StatsStore(limits);
  const compiled = compileOrThrow(yaml, store);
  const upstream = createUpstreamMemory(1, { hostsMax: 64, clustersMax: 64 });
  const exceptions: string[] = [];
  const warn = (text: string): void => void exceptions.push(text);
  const onMessage = (message: FromWorker): void => {
    if (message.kind === "stat") store.announced(0, message.announcement);
    if (message.kind === "listening" || message.kind === "drained") listeners.onMessage(0, message);
    if (message.kind === "demand") meetLater(message.demand, compiled, post);
    if (message.kind === "exception") exceptions.push(message.text);
  };
  const post = (message: ToWorker): void => worker.handle(message);
  const overload = overloadOf(compiled, store, post);
  const init = {
    ...workerInit(compiled, store, upstream, drain),
    overload: overload?.init ?? null,
  };
  const worker = new Worker(init, onMessage);
  store.onForget = (names) => post({ kind: "forget_stats", names });
  const owned = { registry: store, stats: store.main };
  const listeners = new ListenerManager({ ...owned, post, workers: 1 });
  const find = (name: string): ManagedCluster | undefined => clusters.get(name);
  const reach = reachControlPlanes(compiled.tls, find, store, store.main, () => 0);
  const planes = controlPlanes(compiled, reach, store, store.main);
  const source = subscriptions ?? planes;
  const clusters = new ClusterManager({
    ...owned,
    memory: upstream,
    runtime: new NodeDiscoveryRuntime(store, store.main),
    runtimeValues: compiled.runtime.runtime,
    eds: { subscriptions: source, ...assignmentCompiler(compiled.context, false) },
    locality: compiled.node,
    post: (update) => worker.handle({ kind: "cluster", update }),
    warn,
  });
  const modifyRuntime = followRuntime(compiled, store, post);
  const parts = { ...livePartsOf(store), subscriptions: source, post, warn };
  const { rotation, live } = followControlPlanes(compiled, { clusters, listeners }, parts);
  const reporter = loadReports(compiled, clusters, reach, store, store.main);
  const checks = healthDiscovery(compiled, reach, store, store.main, warn);
  await live.startClusters(() => [reporter, checks].forEach((part) => part?.start()));
  await live.startListeners();
  rotation.start();
  return {
    exceptions,
    listeners,
    post,
    setListener: async (text) => {
      const targets: InitTarget[] = [];
      await live.listeners.set(compileOne(text, { ...compiled.context, targets }), targets);
    },
    controlPlanes: () => planes.status(),
    modifyRuntime,
    ...ofWorker(worker),
    refreshOverload: () => overload?.manager.refresh(),
    ...statsOf(store),
    clusters,
    context: compiled.context,
    close() {
      for (const part of [rotation, live, reporter, checks, planes, clusters]) part?.close();
      worker.handle({ kind: "shutdown" });
    },
  };
}

function ofWorker(worker: Worker): Pick<TestProxy, "port" | "ports" | "asyncClient"> {
  return {
    asyncClient: worker.asyncClient,
    port: (name) => worker.portsOf(name)[0] ?? 0,
    ports: (name) => worker.portsOf(name),
  };
}

function statsOf(store: StatsStore): Pick<TestProxy, "stat" | "textReadout" | "flushStats"> {
  return {
    stat: (name) => statByName(store, name),
    textReadout: (name) => store.textReadouts.get(name),
    flushStats: () => store.flush(),
  };
}

/** As between threads. */
function meetLater(
  demand: Demand,
  compiled: CompiledBootstrap,
  post: (message: ToWorker) => void,
): void {
  setImmediate(() =>
    meetDemand(demand, compiled, (found) => post({ kind: "demand_met", demand, found })),
  );
}

function followRuntime(
  { runtime, deprecatedFeatures }: CompiledBootstrap,
  store: StatsStore,
  post: (message: ToWorker) => void,
): TestProxy["modifyRuntime"] {
  const live = new LiveRuntime(runtime, deprecatedFeatures, store, post);
  post(live.message());
  return (values) => assert.equal(runtime.mergeAdmin(new Map(Object.entries(values))), null);
}

function workerInit(
  compiled: CompiledBootstrap,
  store: StatsStore,
  upstream: UpstreamMemoryBuffers,
  drain: DrainOptions,
): Omit<WorkerInit, "overload"> {
  return {
    workerId: 0,
    workers: 1,
    stats: store.workerMemory(0),
    upstream,
    hostIp: "10.0.0.7",
    node: encodedNode(compiled),
    accessLog: { flushIntervalMs: 1000, flushBytes: 4096 },
    drain,
  };
}

function compileOrThrow(content: string, store: StatsStore): CompiledBootstrap {
  const sources = [{ name: "test.yaml", content }, ADMIN_RUNTIME];
  const compiled = compileBootstrap(sources, OPTIONS, store);
  throwErrors(compiled.problems);
  return compiled;
}

function throwErrors(problems: readonly Problem[]): void {
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0)
    throw new Error(errors.map((problem) => formatProblem(problem)).join("\n"));
}

function compileOne(content: string, context: CompiledBootstrap["context"]): ListenerConfig {
  const source = { name: "listener.yaml", content };
  const loaded = load<Listener>("envoy.config.listener.v3.Listener", [source]);
  const { message, problems } = loaded;
  validate(loaded);
  const compiled = compileListener(
    message,
    { ...context, problems },
    { networkFilters: networkFilterMainSides, workers: 1 },
  );
  throwErrors(problems.list);
  return compiled!;
}

function livePartsOf(
  store: StatsStore,
): Pick<LiveParts, "allowUnimplemented" | "registry" | "stats" | "wallMs"> {
  return { allowUnimplemented: false, registry: store, stats: store.main, wallMs: Date.now };
}

function followControlPlanes(
  compiled: CompiledBootstrap,
  owners: { readonly clusters: ClusterManager; readonly listeners: ListenerManager },
  parts: Omit<LiveParts, "context">,
): { rotation: SecretRotation; live: LiveConfig } {
  const { registry, stats, post } = parts;
  const { clusters } = owners;
  const rotation = new SecretRotation(compiled.tls, post, registry, stats);
  const compiler = { networkFilters: networkFilterMainSides, workers: 1 };
  const context = { ...compiled.context, clusterNames: clusters };
  const live = new LiveConfig(compiled, { ...owners, secrets: rotation }, compiler, {
    ...parts,
    context,
  });
  return { rotation, live };
}

function overloadOf(
  { overload }: CompiledBootstrap,
  store: StatsStore,
  post: (message: OverloadMessage) => void,
): MainOverload | null {
  if (overload === null) return null;
  const { main: stats } = store;
  return new MainOverload(overload, { workers: 1, registry: store, stats, post, info() {} });
}

function statByName(store: StatsStore, name: string): number | undefined {
  store.refresh();
  for (const { scope, table } of store.scopes) {
    if (!name.startsWith(scope.prefix)) continue;
    const index = table.names.indexOf(name.slice(scope.prefix.length));
    if (index < 0) continue;
    const slot = scope.base + table.at[table.names[index]!]!;
    return table.kinds[index] === "gauge" ? store.gauge(slot) : store.counter(slot);
  }
  return store.dynamicNames().has(name) ? store.dynamicCounter(name) : undefined;
}
