import type { WorkerContext } from "../base/worker-context.ts";
import type { RouteConfigs } from "../http/route/rds/route-configs.ts";
import type { AccessLog } from "../observe/access-log/access-log.ts";
import type { AccessLogConfig } from "../observe/access-log/model.ts";
import type { OverloadState } from "../overload/overload-state.ts";
import type { TlsSockets } from "../transport/tls/tls-sockets.ts";
import type { TransportContext } from "../transport/transport-context.ts";
import type { Clusters } from "../upstream/clusters.ts";
import type { HttpPools } from "../upstream/pool/http-pools.ts";

/** What network filters and connection managers of one worker build on. */
export interface NetworkServices {
  readonly worker: WorkerContext;
  readonly transport: TransportContext;
  readonly tlsSockets: TlsSockets;
  readonly clusters: Clusters;
  readonly pools: HttpPools;
  /** Route tables that come by RDS. */
  readonly routeConfigs: RouteConfigs;
  /** The host's first address that is not loopback: stands in x-forwarded-for for a local client. */
  readonly hostIp: string;
  /** What there is too much of. A listener that passes the overload manager by has `OverloadState.NONE`. */
  readonly overload: OverloadState;
  /** A filter threw; its stream gets a 500, and this is told. */
  readonly onFilterException: (error: unknown) => void;
  buildAccessLogs(configs: readonly AccessLogConfig[]): readonly AccessLog[];
}
