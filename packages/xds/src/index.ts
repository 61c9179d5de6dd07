// The xDS protocol, both sides: usable without the proxy.

export { systemClock } from "./types/clock.ts";
export type { Clock, Timer } from "./types/clock.ts";
export {
  WILDCARD,
  canonicalResourceName,
  formatXdstpName,
  isXdstpName,
  parseXdstpName,
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
  ResourceOfClient,
  ResourceStatus,
  TypeStatus,
} from "./server/status.ts";
export { XdsStreamError } from "./server/stream.ts";
export type { Refusal } from "./server/subscription.ts";
export { xdsGrpcRoutes } from "./transport/grpc-server/grpc-routes.ts";
export type { GrpcRoutesOptions } from "./transport/grpc-server/grpc-routes.ts";
export { listenGrpc } from "./transport/grpc-server/grpc-server.ts";
export type { GrpcServerOptions, ListeningServer } from "./transport/grpc-server/grpc-server.ts";
