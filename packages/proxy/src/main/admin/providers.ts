import type { Message } from "@bufbuild/protobuf";
import type { XdsClientStatus } from "@nuncio/xds";
import type { RequestText } from "../../explain/explain-request.ts";
import type { Explanation } from "../../explain/model.ts";
import type { LogComponent } from "../../observe/log/components.ts";
import type { LogLevel } from "../../observe/log/level.ts";
import type { PrometheusRenderer } from "../../observe/stats/render/prometheus.ts";
import type { StatView } from "../../observe/stats/stat-view.ts";
import type { Address } from "../../observe/stream-info.ts";
import type { ClusterStatus } from "../../upstream/manager/cluster-status.ts";

/** What admin asks of the rest of the process. Main implements it; every method is called on main, per request. */
export interface AdminProviders {
  readonly stats: AdminStats;
  readonly logging: LoggingControl;
  server(): ServerStatus;
  clusters(): Iterable<ClusterStatus>;
  listeners(): Iterable<ListenerStatus>;
  /**
   * The dumps that make up /config_dump, in Envoy's order: `envoy.admin.v3.` BootstrapConfigDump,
   * ClustersConfigDump, EndpointsConfigDump (with `includeEds` only), ListenersConfigDump,
   * ScopedRoutesConfigDump, RoutesConfigDump, SecretsConfigDump.
   */
  configDump(includeEds: boolean): Iterable<Message>;
  /**
   * What becomes of a request.
   * @throws ExplainError for one that cannot be read, or that no listener gets
   */
  explain(request: RequestText): Promise<Explanation>;
  /** What control planes gave, and how that went. */
  xds(): XdsClientStatus;
  runtime(): RuntimeStatus;
  /** Sets overrides of the admin layer; an empty value removes one. What is wrong, or null. */
  modifyRuntime(values: ReadonlyMap<string, string>): string | null;
  memory(): MemoryStatus | Promise<MemoryStatus>;
  /** `envoy.admin.v3.Certificate` messages. */
  certificates(): Iterable<Message>;
  /** What start-up waits for; empty once it is over. */
  unreadyTargets(): Iterable<UnreadyTarget>;
  /** POST /healthcheck/fail and /ok. */
  setHealthCheckFailed(failed: boolean): void;
  drainListeners(options: DrainOptions): void;
  /** POST /quitquitquit; the answer is on its way when this is called. */
  quit(): void;
  reopenLogs(): void;
}

export interface AdminStats {
  readonly view: StatView;
  readonly prometheus: PrometheusRenderer;
}

export interface LoggingControl {
  /** In Envoy's order. */
  levels(): Iterable<readonly [LogComponent, LogLevel]>;
  /** One component on all threads, or every component with null. */
  setLevel(component: LogComponent | null, level: LogLevel): void;
}

export type ServerState = "PRE_INITIALIZING" | "INITIALIZING" | "LIVE" | "DRAINING";

export interface ServerStatus {
  readonly state: ServerState;
  readonly version: string;
  /** Seconds, whole. */
  readonly uptimeSeconds: number;
  /** The same since the first of the processes that took over from each other began. */
  readonly uptimeAllEpochsSeconds: number;
  /** `disabled` without hot restart. */
  readonly hotRestartVersion: string;
  /** `envoy.admin.v3.CommandLineOptions` as JSON with proto names. */
  readonly commandLineOptions: { readonly [name: string]: unknown };
  /** `envoy.config.core.v3.Node`. */
  readonly node: Message;
}

export interface ListenerStatus {
  readonly name: string;
  /** As bound. The first is the listener's own, further ones its additional addresses. */
  readonly addresses: readonly Address[];
}

export interface RuntimeStatus {
  /** Names of the layers, weakest first. */
  readonly layers: readonly string[];
  /** Key → its value in each layer, empty where a layer has none. The last that is not empty counts. */
  readonly entries: ReadonlyMap<string, readonly string[]>;
}

/** Bytes. */
export interface MemoryStatus {
  /** Used on the heaps of all threads. */
  readonly allocated: number;
  /** Reserved by the heaps of all threads. */
  readonly heapSize: number;
  /** Resident, the whole process. */
  readonly physical: number;
}

export interface UnreadyTarget {
  /** Of the init manager: `listener init`. */
  readonly name: string;
  readonly targetNames: readonly string[];
}

export interface DrainOptions {
  /** Drain over the drain time before the sockets close. */
  readonly graceful: boolean;
  /** Drain, but never close the sockets. */
  readonly skipExit: boolean;
  readonly inboundOnly: boolean;
}
