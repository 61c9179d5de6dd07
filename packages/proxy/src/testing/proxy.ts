import { formatProblem, load, validate, type Problem } from "@nuncio/api";
import type { Listener } from "@nuncio/api/types/envoy/config/listener/v3/listener_pb";
import { matcherCompilers } from "../http/route/matchers/compilers.ts";
import { compileListener } from "../listener/config.ts";
import type { DrainOptions } from "../listener/drain.ts";
import type { ListenerConfig } from "../listener/model.ts";
import { compileBootstrap, type CompiledBootstrap } from "../main/compile-bootstrap.ts";
import { ListenerManager } from "../main/listener-manager.ts";
import type { ProxyOptions } from "../main/options.ts";
import { SecretRotation } from "../main/secrets/secret-rotation.ts";
import { networkFilterMainSides } from "../network-filters.ts";
import { StatsStore } from "../observe/stats/store.ts";
import { NodeDiscoveryRuntime } from "../upstream/discovery/node-runtime.ts";
import { ClusterManager } from "../upstream/manager/cluster-manager.ts";
import { createUpstreamMemory } from "../upstream/shared/upstream-memory.ts";
import type { FromWorker } from "../worker/messages.ts";
import { Worker } from "../worker/worker.ts";

/** A proxy on the test's own thread: main and one worker without threads between them. */
export interface TestProxy {
  /** The port of the listener of that name. */
  port(listener: string): number;
  /** The ports of all its addresses, in order. */
  ports(listener: string): readonly number[];
  /** The value of a counter or gauge by its full name; undefined when there is none. */
  stat(name: string): number | undefined;
  /** What filters threw. */
  readonly exceptions: readonly string[];
  /** The listeners on main. */
  readonly listeners: ListenerManager;
  /** Adds or updates a listener (YAML). Rejects with the problems, or with what the manager says. */
  setListener(yaml: string): Promise<void>;
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

/** Starts a bootstrap given as YAML; listeners should ask for port 0. Throws with all problems when it is refused. */
export async function startProxy(yaml: string, drain: DrainOptions = DRAIN): Promise<TestProxy> {
  const store = new StatsStore();
  const compiled = compileBootstrap([{ name: "test.yaml", content: yaml }], OPTIONS, store);
  throwErrors(compiled.problems);
  const upstream = createUpstreamMemory(1, { hostsMax: 64, clustersMax: 64 });
  const exceptions: string[] = [];
  const onMessage = (message: FromWorker): void => {
    if (message.kind === "stat") store.announced(0, message.announcement);
    if (message.kind === "listening" || message.kind === "drained") listeners.onMessage(0, message);
    if (message.kind === "exception") exceptions.push(message.text);
  };
  const accessLog = { flushIntervalMs: 1000, flushBytes: 4096 };
  const worker = new Worker(
    {
      workerId: 0,
      workers: 1,
      stats: store.workerMemory(0),
      upstream,
      hostIp: "10.0.0.7",
      accessLog,
      drain,
    },
    onMessage,
  );
  const listeners = new ListenerManager({
    post: (message) => worker.handle(message),
    workers: 1,
    registry: store,
    stats: store.main,
    onTlsUnused: (ids) => compiled.tls.release(ids),
  });
  const clusters = new ClusterManager({
    memory: upstream,
    registry: store,
    stats: store.main,
    runtime: new NodeDiscoveryRuntime(store, store.main),
    locality: compiled.node,
    post: (update) => worker.handle({ kind: "cluster", update }),
    warn: (text) => exceptions.push(text),
  });
  for (const definition of compiled.clusters) clusters.addOrUpdate(definition);
  await new Promise<void>((resolve) => clusters.whenInitialized(resolve));
  for (const listener of compiled.listeners) await listeners.add(listener);
  const rotation = new SecretRotation(
    compiled.tls,
    (message) => worker.handle(message),
    store,
    store.main,
  );
  rotation.start();
  return {
    exceptions,
    listeners,
    setListener: async (text) => listeners.addOrUpdate(compileOne(text, compiled, store)),
    port: (name) => worker.portsOf(name)[0] ?? 0,
    ports: (name) => worker.portsOf(name),
    stat: (name) => statByName(store, name),
    close() {
      rotation.close();
      clusters.close();
      worker.handle({ kind: "shutdown" });
    },
  };
}

function throwErrors(problems: readonly Problem[]): void {
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0)
    throw new Error(errors.map((problem) => formatProblem(problem)).join("\n"));
}

function compileOne(
  content: string,
  { node, tls }: CompiledBootstrap,
  stats: StatsStore,
): ListenerConfig {
  const source = { name: "listener.yaml", content };
  const loaded = load<Listener>("envoy.config.listener.v3.Listener", [source]);
  const { message, problems } = loaded;
  validate(loaded);
  const compiled = compileListener(
    message,
    { problems, stats, clusterNames: null, node, matchers: matcherCompilers, tls },
    { networkFilters: networkFilterMainSides, workers: 1 },
  );
  throwErrors(problems.list);
  return compiled!;
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
