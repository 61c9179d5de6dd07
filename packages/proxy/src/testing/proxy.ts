import { formatProblem } from "@nuncio/api";
import { compileBootstrap } from "../main/compile-bootstrap.ts";
import { ListenerManager } from "../main/listener-manager.ts";
import type { ProxyOptions } from "../main/options.ts";
import { SecretRotation } from "../main/secrets/secret-rotation.ts";
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
  close(): void;
}

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
export async function startProxy(yaml: string): Promise<TestProxy> {
  const store = new StatsStore();
  const compiled = compileBootstrap([{ name: "test.yaml", content: yaml }], OPTIONS, store);
  const errors = compiled.problems.filter((problem) => problem.severity === "error");
  if (errors.length > 0)
    throw new Error(errors.map((problem) => formatProblem(problem)).join("\n"));
  const upstream = createUpstreamMemory(1, { hostsMax: 64, clustersMax: 64 });
  const exceptions: string[] = [];
  const onMessage = (message: FromWorker): void => {
    if (message.kind === "stat") store.announced(0, message.announcement);
    if (message.kind === "listening") listeners.onListening(message.name, message.error);
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
    },
    onMessage,
  );
  const listeners = new ListenerManager((message) => worker.handle(message), 1, store, store.main);
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
