import type { ServerHealth } from "../base/server-health.ts";
import type { WorkerContext } from "../base/worker-context.ts";
import type { ExtensionConfigs } from "../extension/extension-configs.ts";
import type { AsyncClient } from "../http/async-client/async-client.ts";
import type { RouteConfigs } from "../http/route/rds/route-configs.ts";
import type { ScopedRoutes } from "../http/route/scoped/scoped-routes.ts";
import type { AccessLog } from "../observe/access-log/access-log.ts";
import type { AccessLogConfig } from "../observe/access-log/model.ts";
import type { Demands } from "../on-demand/demands.ts";
import type { OverloadState } from "../overload/overload-state.ts";
import type { TlsSockets } from "../transport/tls/tls-sockets.ts";
import type { TransportContext } from "../transport/transport-context.ts";
import type { Clusters } from "../upstream/clusters.ts";
import type { HostSessions } from "../upstream/host-sessions.ts";
import type { HttpPools } from "../upstream/pool/http-pools.ts";

/** What network filters and connection managers of one worker build on. */
export interface NetworkServices {
  readonly worker: WorkerContext;
  readonly transport: TransportContext;
  readonly tlsSockets: TlsSockets;
  readonly clusters: Clusters;
  readonly pools: HttpPools;
  /** What lives on hosts without a pool. */
  readonly hostSessions: HostSessions;
  /** Requests that the worker sends for itself. */
  readonly asyncClient: AsyncClient;
  /** Route tables that come by RDS. */
  readonly routeConfigs: RouteConfigs;
  /** Scopes of routes that come by SRDS. */
  readonly scopedRoutes: ScopedRoutes;
  /** What requests wait for that is only asked for when they come. */
  readonly demands: Demands;
  /** Filter configurations that come by ECDS. */
  readonly extensionConfigs: ExtensionConfigs;
  /** The host's first address that is not loopback: stands in x-forwarded-for for a local client. */
  readonly hostIp: string;
  /** What the server says of its own health. */
  readonly serverHealth: ServerHealth;
  /** What there is too much of. A listener that passes the overload manager by has `OverloadState.NONE`. */
  readonly overload: OverloadState;
  /** A filter threw; its stream gets a 500, and this is told. */
  readonly onFilterException: (error: unknown) => void;
  buildAccessLogs(configs: readonly AccessLogConfig[]): readonly AccessLog[];
}
