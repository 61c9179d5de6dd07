import assert from "node:assert/strict";
import { formatProblem, load, validate, type Problem } from "@nuncio/api";
import type { Listener } from "@nuncio/api/types/envoy/config/listener/v3/listener_pb";
import type { XdsClient, XdsClientStatus } from "@nuncio/xds";
import type { InitTarget } from "../config/context.ts";
import { compileListener } from "../listener/config.ts";
import type { DrainOptions } from "../listener/drain.ts";
import type { ListenerConfig } from "../listener/model.ts";
import { compileBootstrap, type CompiledBootstrap } from "../main/compile-bootstrap.ts";
import { controlPlanes } from "../main/control-plane/control-planes.ts";
import { LiveConfig } from "../main/dynamic/live-config.ts";
import type { LiveParts } from "../main/dynamic/live-parts.ts";
import { ListenerManager } from "../main/listener-manager.ts";
import { LiveRuntime } from "../main/live-runtime.ts";
import type { ProxyOptions } from "../main/options.ts";
import { SecretRotation } from "../main/secrets/secret-rotation.ts";
import { networkFilterMainSides } from "../network-filters.ts";
import { StatsStore } from "../observe/stats/store.ts";
import { MainOverload, type OverloadMessage } from "../overload/main-overload.ts";
import { NodeDiscoveryRuntime } from "../upstream/discovery/node-runtime.ts";
import { ClusterManager } from "../upstream/manager/cluster-manager.ts";
import { createUpstreamMemory } from "../upstream/shared/upstream-memory.ts";
import type { FromWorker, ToWorker } from "../worker/messages.ts";
import { Worker } from "../worker/worker.ts";

/** A proxy on the test's own thread: main and one worker without threads between them. */
export interface TestProxy {
  /** The port of the listener of that name. */
  port(listener: string): number;
  /** The ports of all its addresses, in order. */
  ports(listener: string): readonly number[];
  /** The value of a counter or gauge by its full name; undefined when there is none. */
  stat(name: string): number | undefined;
  /** What the control planes gave, and how that went. */
  controlPlanes(): XdsClientStatus;
  /** Has the overload manager measure, now. */
  refreshOverload(): void;
  /** What filters threw. */
  readonly exceptions: readonly string[];
  /** The listeners on main. */
  readonly listeners: ListenerManager;
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

/** Starts a bootstrap given as YAML; listeners should ask for port 0. Throws with all problems when it is refused. */
export async function startProxy(yaml: string, drain: DrainOptions = DRAIN): Promise<TestProxy> {
  const store = new StatsStore();
  const compiled = compile(yaml, store);
  const upstream = createUpstreamMemory(1, { hostsMax: 64, clustersMax: 64 });
  const exceptions: string[] = [];
  const onMessage = (message: FromWorker): void => {
    if (message.kind === "stat") store.announced(0, message.announcement);
    if (message.kind === "listening" || message.kind === "drained") listeners.onMessage(0, message);
    if (message.kind === "exception") exceptions.push(message.text);
  };
  const overload = overloadOf(compiled, store, (message) => worker.handle(message));
  const accessLog = { flushIntervalMs: 1000, flushBytes: 4096 };
  const worker = new Worker(
    {
      workerId: 0,
      workers: 1,
      stats: store.workerMemory(0),
      upstream,
      hostIp: "10.0.0.7",
      overload: overload?.init ?? null,
      accessLog,
      drain,
    },
    onMessage,
  );
  const post = (message: ToWorker): void => worker.handle(message);
  const listeners = new ListenerManager({ post, workers: 1, registry: store, stats: store.main });
  const clusters = new ClusterManager({
    memory: upstream,
    registry: store,
    stats: store.main,
    runtime: new NodeDiscoveryRuntime(store, store.main),
    runtimeValues: compiled.runtime.runtime,
    locality: compiled.node,
    post: (update) => worker.handle({ kind: "cluster", update }),
    warn: (text) => exceptions.push(text),
  });
  const modifyRuntime = followRuntime(compiled, store, post);
  const parts = { ...livePartsOf(store), post, warn: (text: string) => void exceptions.push(text) };
  const owners = { clusters, listeners };
  const { rotation, planes, live } = followControlPlanes(compiled, owners, parts);
  await live.startClusters();
  await live.startListeners();
  rotation.start();
  return {
    exceptions,
    listeners,
    post: (message) => worker.handle(message),
    setListener: async (text) => {
      const targets: InitTarget[] = [];
      await live.listeners.set(compileOne(text, { ...compiled.context, targets }), targets);
    },
    controlPlanes: () => planes.status(),
    modifyRuntime,
    port: (name) => worker.portsOf(name)[0] ?? 0,
    ports: (name) => worker.portsOf(name),
    refreshOverload: () => overload?.manager.refresh(),
    stat: (name) => statByName(store, name),
    close() {
      rotation.close();
      live.close();
      planes.close();
      clusters.close();
      worker.handle({ kind: "shutdown" });
    },
  };
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

function compile(content: string, store: StatsStore): CompiledBootstrap {
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

type OwnParts = Omit<LiveParts, "subscriptions" | "context">;

function livePartsOf(
  store: StatsStore,
): Pick<LiveParts, "allowUnimplemented" | "registry" | "stats" | "wallMs"> {
  return { allowUnimplemented: false, registry: store, stats: store.main, wallMs: Date.now };
}

function followControlPlanes(
  compiled: CompiledBootstrap,
  owners: { readonly clusters: ClusterManager; readonly listeners: ListenerManager },
  parts: OwnParts,
): { rotation: SecretRotation; planes: XdsClient; live: LiveConfig } {
  const { registry, stats, post } = parts;
  const { clusters } = owners;
  const rotation = new SecretRotation(compiled.tls, post, registry, stats);
  const planes = controlPlanes(compiled, (name) => clusters.get(name), registry, stats);
  const compiler = { networkFilters: networkFilterMainSides, workers: 1 };
  const context = { ...compiled.context, clusterNames: clusters };
  const live = new LiveConfig(compiled, { ...owners, secrets: rotation }, compiler, {
    ...parts,
    subscriptions: planes,
    context,
  });
  return { rotation, planes, live };
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
  for (const { scope, table } of store.scopes) {
    if (!name.startsWith(scope.prefix)) continue;
    const index = table.names.indexOf(name.slice(scope.prefix.length));
    if (index < 0) continue;
    const slot = scope.base + table.at[table.names[index]!]!;
    return table.kinds[index] === "gauge" ? store.gauge(slot) : store.counter(slot);
  }
  return store.dynamicNames().has(name) ? store.dynamicCounter(name) : undefined;
}
