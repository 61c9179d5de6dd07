// The xDS protocol, both sides: usable without the proxy.

export { BackOff } from "./client/back-off.ts";
export type { BackOffSettings } from "./client/back-off.ts";
export type {
  ConfigUpdate,
  ReceivedResource,
  Rejection,
  SubscriptionCallbacks,
  SubscriptionStats,
  Watch,
  WatchOptions,
} from "./client/callbacks.ts";
export type {
  XdsClientStatus,
  WatchedResource,
  SourceStatus,
  WatchedType,
} from "./client/client-status.ts";
export {
  ConfigSourceError,
  readApiConfigSource,
  readConfigSource,
} from "./client/config-source.ts";
export type { FileSource, GrpcSource, RestSource, SourceSettings } from "./client/config-source.ts";
export type { ClientTransports } from "./client/connection.ts";
export type { FileEvents, FileTransport } from "./client/file-subscription.ts";
export type { ResourceError, ResourceState } from "./client/resource-records.ts";
export type { PollResult, PollTransport } from "./client/rest-subscription.ts";
export type { ControlPlaneStats, StreamStatus } from "./client/stream-status.ts";
export type { StreamConnection, StreamEvents, StreamTransport } from "./client/stream-transport.ts";
export { XdsClient } from "./client/xds-client.ts";
export type { ClientWatchOptions, XdsClientOptions } from "./client/xds-client.ts";
export { LoadReporter } from "./load-stats/load-reporter.ts";
export type {
  ClusterLoad,
  LoadReporterOptions,
  LoadReporterStats,
  LoadSource,
} from "./load-stats/load-reporter.ts";
export { loadStatsMethod } from "./load-stats/load-stats-messages.ts";
export type {
  ClusterStats,
  LoadStatsRequest,
  LoadStatsResponse,
} from "./load-stats/load-stats-messages.ts";
export type { ConnectionObserver, ExchangeEnd } from "./transport/connection-observer.ts";
export { directTransports } from "./transport/direct-transports.ts";
export type { EndpointOf } from "./transport/direct-transports.ts";
export { FileFollower } from "./transport/file.ts";
export { GrpcTransport } from "./transport/grpc-client.ts";
export type { GrpcEndpoint } from "./transport/grpc-client.ts";
export type { Http2ExchangeOptions } from "./transport/http2-exchange.ts";
export type { PingSettings } from "./transport/keepalive-pings.ts";
export type { SocketOptions } from "./transport/open-socket.ts";
export type { HttpConnection } from "./transport/post-json.ts";
export { RestTransport } from "./transport/rest-client.ts";
export type { RestEndpoint } from "./transport/rest-client.ts";
export { clientStatusOfClient } from "./client-status/client-view.ts";
export type {
  ClientStatusRequest,
  ClientStatusResponse,
} from "./client-status/client-status-messages.ts";
export { NodeMatcherError } from "./client-status/node-matcher.ts";
export { clientStatusRoutes } from "./transport/grpc-server/client-status-routes.ts";
export { systemClock } from "./types/clock.ts";
export type { Clock, Timer } from "./types/clock.ts";
export {
  WILDCARD,
  canonicalResourceName,
  formatXdstpName,
  isXdstpName,
  parseXdstpName,
  isCollectionName,
} from "./types/resource-name.ts";
export type { XdstpName } from "./types/resource-name.ts";
export {
  RESOURCE_TYPES,
  orderOfUrl,
  resourceTypeOfUrl,
  shortNameOfUrl,
  typeUrlOf,
} from "./types/resource-type.ts";
export type { ResourceType } from "./types/resource-type.ts";
export { ResourceProblems, readResource } from "./types/read-resource.ts";
export { contentVersion, versionedResource } from "./types/versioned-resource.ts";
export type { ResourceOptions, VersionedResource } from "./types/versioned-resource.ts";
export { PiecedResource } from "./types/pieced-resource.ts";
export type { ResourceCache } from "./server/cache.ts";
export { LinearCache } from "./server/linear-cache.ts";
export { MuxCache } from "./server/mux-cache.ts";
export { referencesOf } from "./server/references.ts";
export type { Reference } from "./server/references.ts";
export { ResourceTable } from "./server/resource-table.ts";
export type { ResourceSet, TableWatcher } from "./server/resource-table.ts";
export type { XdsResponse } from "./server/response.ts";
export { XdsServer } from "./server/server.ts";
export type {
  OpenStream,
  ServerStream,
  StreamInfo,
  XdsCallbacks,
  XdsServerOptions,
} from "./server/server.ts";
export { SnapshotCache } from "./server/snapshot-cache.ts";
export type { SnapshotCacheOptions } from "./server/snapshot-cache.ts";
export { Snapshot } from "./server/snapshot.ts";
export type {
  ClientStatus,
  RefusedResource,
  ResourceOfClient,
  ResourceStatus,
  TypeStatus,
} from "./server/status.ts";
export { XdsStreamError } from "./server/stream.ts";
export type { Refusal } from "./server/subscription.ts";
export { xdsGrpcRoutes } from "./transport/grpc-server/grpc-routes.ts";
export type { GrpcRoutesOptions } from "./transport/grpc-server/grpc-routes.ts";
export { loadStatsRoutes } from "./transport/grpc-server/load-stats-routes.ts";
export type {
  LoadReport,
  LoadReportOptions,
  LoadReportSettings,
} from "./transport/grpc-server/load-stats-routes.ts";
export { listenGrpc } from "./transport/grpc-server/grpc-server.ts";
export type { GrpcServerOptions, ListeningServer } from "./transport/grpc-server/grpc-server.ts";
