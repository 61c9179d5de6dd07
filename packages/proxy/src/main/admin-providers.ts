import type { Message } from "@bufbuild/protobuf";
import { log } from "../observe/log/log.ts";
import { PrometheusRenderer } from "../observe/stats/render/prometheus.ts";
import { StatView } from "../observe/stats/stat-view.ts";
import { ipAddress, pipeAddress } from "../transport/address.ts";
import { certificateMessages } from "./admin-certificates.ts";
import type {
  AdminProviders,
  DrainOptions,
  ListenerStatus,
  MemoryStatus,
  ServerStatus,
  UnreadyTarget,
} from "./admin/providers.ts";
import { commandLineOptionsJson } from "./command-line-json.ts";
import { configDumps } from "./config-dumps.ts";
import { hotRestartVersion } from "./hot-restart/messages.ts";
import { nodeMessage } from "./node-message.ts";
import type { RunningExplainer } from "./running-explainer.ts";
import { runtimeStatus } from "./runtime-status.ts";
import type { Server } from "./server.ts";
import { VERSION } from "./version.ts";

/** What the admin listener shows of a server, and may do with it. `quit` ends the process. */
export function adminProviders(
  server: Server,
  explainer: RunningExplainer,
  quit: () => void,
): AdminProviders {
  const view = new StatView(server.store, server.compiled.stats);
  return {
    stats: { view, prometheus: new PrometheusRenderer(view) },
    logging: {
      levels: () => log.levels(),
      setLevel: (component, level) => log.setLevel(component, level),
    },
    server: () => serverStatus(server),
    clusters: () => server.clusters.statuses(),
    listeners: () => listenerStatuses(server),
    configDump: (includeEds): Iterable<Message> => configDumps(server, includeEds),
    explain: (request) => explainer.explain(request),
    xds: () => server.controlPlanes.status(),
    runtime: () => runtimeStatus(server.runtime.loader),
    modifyRuntime: (values) => server.runtime.loader.mergeAdmin(values),
    memory: (): MemoryStatus => memoryStatus(),
    certificates: () => certificateMessages(server.compiled.tls, new Date()),
    unreadyTargets: () => unreadyTargets(server),
    setHealthCheckFailed: (failed) => server.setHealthCheckFailed(failed),
    drainListeners: (options: DrainOptions) => server.drainListeners(options),
    quit,
    reopenLogs: () => server.reopenLogs(),
  };
}

function serverStatus(server: Server): ServerStatus {
  return {
    state: server.state,
    version: VERSION,
    uptimeSeconds: Math.floor((performance.now() - server.startedMs) / 1000),
    uptimeAllEpochsSeconds: Math.floor((Date.now() - server.firstEpochMs) / 1000),
    hotRestartVersion: hotRestartVersion(server.options.disableHotRestart),
    commandLineOptions: commandLineOptionsJson(server.options),
    node: nodeMessage(server.compiled),
  };
}

function listenerStatuses(server: Server): ListenerStatus[] {
  return server.listeners.listeners.map(({ name, addresses }) => ({
    name,
    addresses: addresses.map(({ ip, port, path }) =>
      path === "" ? ipAddress(ip, port) : pipeAddress(path),
    ),
  }));
}

/** Heaps of the main thread; the workers' count in what is resident. */
function memoryStatus(): MemoryStatus {
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
  return { allocated: heapUsed + external, heapSize: heapTotal + external, physical: rss };
}

function unreadyTargets(server: Server): UnreadyTarget[] {
  const warming = server.clusters.warmingNames;
  if (warming.length === 0) return [];
  return [{ name: "Server", targetNames: warming.map((name) => `target Cluster ${name}`) }];
}
