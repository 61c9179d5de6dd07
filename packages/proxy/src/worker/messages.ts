import type { ExtensionConfigUpdate } from "../extension/model.ts";
import type { RouteTableConfig, VirtualHostsChange } from "../http/route/model.ts";
import type { ScopesChange } from "../http/route/scoped/model.ts";
import type { DrainOptions } from "../listener/drain.ts";
import type { InheritedSocket } from "../listener/inherited-sockets.ts";
import type { ListenerUpdate } from "../listener/model.ts";
import type { AccessLogFlushOptions } from "../observe/access-log/access-log-file.ts";
import type { StatAnnouncement, StatsMemory } from "../observe/stats/memory.ts";
import type { Demand } from "../on-demand/model.ts";
import type { OverloadMessage } from "../overload/main-overload.ts";
import type { OverloadInit } from "../overload/model.ts";
import type { RuntimeValues } from "../runtime/model.ts";
import type { TlsContextConfig } from "../transport/tls/model.ts";
import type { ClusterUpdate } from "../upstream/model.ts";
import type { UpstreamMemoryBuffers } from "../upstream/shared/upstream-memory.ts";

/** What a worker is born with (`workerData`). */
export interface WorkerInit {
  readonly workerId: number;
  readonly workers: number;
  readonly stats: StatsMemory;
  readonly upstream: UpstreamMemoryBuffers;
  /** The host's first address that is not loopback. */
  readonly hostIp: string;
  readonly accessLog: AccessLogFlushOptions;
  /** Who this proxy is, to those whom workers call: an encoded `envoy.config.core.v3.Node`. */
  readonly node: Uint8Array;
  readonly drain: DrainOptions;
  /** Null without an overload manager. */
  readonly overload: OverloadInit | null;
}

/** Routes that come by themselves; before the listeners that use them. */
export type RoutesMessage =
  /** The routes of connection managers that take them by RDS; null: nobody uses them any more. Before the listener. */
  | { readonly kind: "route_config"; readonly id: number; readonly table: RouteTableConfig | null }
  /** Of a table that was posted before: virtual hosts that came by themselves are others. */
  | { readonly kind: "virtual_hosts"; readonly id: number; readonly change: VirtualHostsChange }
  /**
   * Scopes of routes that come by SRDS: what became different, removals first. Null: nobody uses them any more. Before the
   * listener.
   */
  | { readonly kind: "scoped_routes"; readonly id: number; readonly change: ScopesChange | null };

/** Main to worker. */
export type ToWorker =
  | { readonly kind: "cluster"; readonly update: ClusterUpdate }
  /** A new listener, or a new version of one: then its sockets stay, and the connections of chains that stay. */
  | { readonly kind: "listener"; readonly update: ListenerUpdate }
  | RoutesMessage
  /** What a worker asked for is in use, where it was found. To all: others may have asked, too. */
  | { readonly kind: "demand_met"; readonly demand: Demand; readonly found: boolean }
  /** A filter that comes by ECDS. Before the listener. */
  | { readonly kind: "extension_config"; readonly update: ExtensionConfigUpdate }
  /** Nobody uses that one any more. */
  | { readonly kind: "forget_extension_config"; readonly id: number }
  /** The runtime changed: all of its values. */
  | { readonly kind: "runtime"; readonly values: RuntimeValues }
  /** A secret of a listener or cluster came or changed. */
  | { readonly kind: "tls_context"; readonly config: TlsContextConfig }
  /** `generation`: the number by which its end is reported (`drained`). */
  | { readonly kind: "remove_listener"; readonly name: string; readonly generation: number }
  /** `/healthcheck/fail`, and when it is over. */
  | { readonly kind: "health_check_failed"; readonly failed: boolean }
  /** Connections part with their peers when they can; with `stopAccepting` the sockets close now. */
  | { readonly kind: "drain"; readonly stopAccepting: boolean; readonly inboundOnly: boolean }
  /** After `drain`: idle connections that can be told to go are, near the end of the drain time. */
  | { readonly kind: "last_call" }
  /** Listening sockets that listeners of their address take instead of binding; a worker gets them before those. */
  | {
      readonly kind: "sockets";
      readonly sockets: readonly InheritedSocket[];
      /** The addresses of all workers' sockets: nobody accepts on these before `release_sockets`. */
      readonly keys: readonly string[];
    }
  /** Accept on those that listeners took, close the others. */
  | { readonly kind: "release_sockets" }
  /** Answered with `sockets`. */
  | { readonly kind: "list_sockets" }
  /** Nobody counts these any more, which came on first use; their cluster is long gone. */
  | { readonly kind: "forget_stats"; readonly names: readonly string[] }
  | { readonly kind: "reopen_logs" }
  | OverloadMessage
  /** Close everything; the worker ends. */
  | { readonly kind: "shutdown" };

/** Worker to main. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "listening"; readonly generation: number; readonly error: string | null }
  /** What that version replaced, or that removal removed, is gone with its last connection. */
  | { readonly kind: "drained"; readonly generation: number }
  | { readonly kind: "stat"; readonly announcement: StatAnnouncement }
  /** What this worker accepts on. The descriptors stay its own. */
  | { readonly kind: "sockets"; readonly sockets: readonly InheritedSocket[] }
  /** A request waits for something that nobody has asked for yet. Answered with `demand_met`. */
  | { readonly kind: "demand"; readonly demand: Demand }
  /** A filter or connection threw: for the log. */
  | { readonly kind: "exception"; readonly text: string };
