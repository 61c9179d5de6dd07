// The gateway control plane: objects of Gateway API in, xDS out.

export { listenAdmin } from "./admin/admin-server.ts";
export type { ListeningAdmin } from "./admin/admin-server.ts";
export { controlPlanePages } from "./admin/control-plane-pages.ts";
export { analyze } from "./analyze/analyze.ts";
export type { Mistake } from "./analyze/mistake.ts";
export { ALL_GATEWAYS, ControlPlane } from "./control-plane.ts";
export type { ControlPlaneOptions } from "./control-plane.ts";
export type { Cells } from "./incremental/cells.ts";
export { StageOrder } from "./incremental/stage-order.ts";
export { dataPlaneBootstrap } from "./infrastructure/bootstrap.ts";
export type { BootstrapOptions } from "./infrastructure/bootstrap.ts";
export { HostDataPlanes } from "./infrastructure/host-data-planes.ts";
export type {
  HostDataPlanesOptions,
  HostInfrastructure,
} from "./infrastructure/host-data-planes.ts";
export { makeSocketFolder } from "./infrastructure/socket-folder.ts";
export { addressText } from "./infrastructure/xds-address.ts";
export type { XdsAddress } from "./infrastructure/xds-address.ts";
export type { IrCluster, IrEndpoint, IrEndpoints, IrUpstreamTls } from "./ir/cluster.ts";
export type { IrInfrastructure } from "./ir/infrastructure.ts";
export type { IrFilterChain, IrL4Route, IrListener } from "./ir/listener.ts";
export type { IrPieces } from "./ir/pieces.ts";
export type { IrCors, IrForward, IrRoute, IrRouteConfig, IrVirtualHost } from "./ir/route.ts";
export type { IrSecret } from "./ir/secret.ts";
export { irTree } from "./offline/ir-tree.ts";
export type { IrGatewayTree } from "./offline/ir-tree.ts";
export { objectsWithStatus } from "./offline/objects-with-status.ts";
export { pieceChanges } from "./offline/piece-changes.ts";
export type { PieceChange } from "./offline/piece-changes.ts";
export { readFiles } from "./offline/read-files.ts";
export { Translation } from "./offline/translation.ts";
export { XDS_TREE_TYPES, staticBootstrapJson, xdsTree } from "./offline/xds-tree.ts";
export type { XdsGatewayTree } from "./offline/xds-tree.ts";
export { pipeline } from "./pipeline.ts";
export type { Pipeline, PipelineInputs } from "./pipeline.ts";
export { etcdErrorText, isEtcdError } from "./providers/etcd/client/etcd-error.ts";
export type { EtcdOptions } from "./providers/etcd/client/options.ts";
export type { KnownArrivals } from "./providers/arrivals.ts";
export { EtcdObjects } from "./providers/etcd/etcd-objects.ts";
export type { EtcdObjectsOptions, StoredObject } from "./providers/etcd/etcd-objects.ts";
export type { KeyObject } from "./providers/etcd/key-space.ts";
export { EtcdProvider } from "./providers/etcd/etcd-provider.ts";
export type { EtcdProviderOptions } from "./providers/etcd/etcd-provider.ts";
export { FileProvider } from "./providers/file/file-provider.ts";
export type { FileProviderOptions } from "./providers/file/file-provider.ts";
export { StatusFile } from "./providers/file/status-file.ts";
export type { StatusFileOptions } from "./providers/file/status-file.ts";
export type { Provider, ProviderState } from "./providers/provider.ts";
export { Providers } from "./providers/providers.ts";
export type { ProvidersOptions } from "./providers/providers.ts";
export {
  CONTROLLER_NAME,
  GATEWAY_GROUP,
  NUNCIO_GROUP,
  RESOURCE_KINDS,
  resourceKind,
} from "./resources/kinds.ts";
export type { KindName, ResourceKind } from "./resources/kinds.ts";
export { namespaceOf, objectKey } from "./resources/object.ts";
export { oneLine } from "./resources/one-line.ts";
export { formatResourceProblem } from "./resources/problem.ts";
export type { FieldPath, ObjectName, ResourceProblem } from "./resources/problem.ts";
export { placeOf } from "./resources/read/origin.ts";
export type { Origin } from "./resources/read/origin.ts";
export { defaultReadLimits } from "./resources/read/read-limits.ts";
export type { ReadLimits } from "./resources/read/read-limits.ts";
export { readResources } from "./resources/read/read-resources.ts";
export type { ReadResource, ReadResult, ResourceSource } from "./resources/read/read-resources.ts";
export { ResourceStore } from "./resources/store.ts";
export { validateObject } from "./resources/validate.ts";
export type { Validated } from "./resources/validate.ts";
export type { ObjectStatus } from "./status/object-status.ts";
export type { WrittenCondition } from "./status/condition.ts";
export { isBadNews, statusLines } from "./status/status-lines.ts";
export type { StatusLines } from "./status/status-lines.ts";
export { StatusList } from "./status/status-list.ts";
export { StatusWatch } from "./status/status-watch.ts";
export { UnclaimedWatch } from "./status/unclaimed.ts";
export { GATEWAY_API_VERSION } from "./translator/classes/class-stage.ts";
export { DEFAULT_GATEWAY_CLASS } from "./translator/classes/default-class.ts";
export type { TranslatedGateway } from "./translator/translated-gateway.ts";
export type { TranslatedRoute } from "./translator/translated-route.ts";
export { GatewayCache } from "./xds/gateway-cache.ts";
export { staticBootstrap } from "./xds/static-bootstrap.ts";
export { xdsStages } from "./xds/xds-stages.ts";
export type { GatewayResource } from "./xds/xds-stages.ts";
export { DEFAULT_GATEWAY_LIMITS } from "./translator/gateways/limits.ts";
export type { GatewayLimits } from "./translator/gateways/limits.ts";
