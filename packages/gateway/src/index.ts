// The gateway control plane: objects of Gateway API in, xDS out.

export type { Cells } from "./incremental/cells.ts";
export { StageOrder } from "./incremental/stage-order.ts";
export { dataPlaneBootstrap } from "./infrastructure/bootstrap.ts";
export type { BootstrapOptions } from "./infrastructure/bootstrap.ts";
export type { IrCluster, IrEndpoint, IrEndpoints, IrUpstreamTls } from "./ir/cluster.ts";
export type { IrInfrastructure } from "./ir/infrastructure.ts";
export type { IrFilterChain, IrListener } from "./ir/listener.ts";
export type { IrPieces } from "./ir/pieces.ts";
export type { IrRoute, IrRouteConfig, IrVirtualHost } from "./ir/route.ts";
export type { IrSecret } from "./ir/secret.ts";
export { CONTROLLER_NAME, GATEWAY_GROUP, NUNCIO_GROUP, resourceKind } from "./resources/kinds.ts";
export { namespaceOf, objectKey } from "./resources/object.ts";
export { ResourceStore } from "./resources/store.ts";
export type { ObjectStatus } from "./status/object-status.ts";
export type { WrittenCondition } from "./status/condition.ts";
export type { TranslatedGateway } from "./translator/translated-gateway.ts";
export type { TranslatedRoute } from "./translator/translated-route.ts";
export { GatewayCache } from "./xds/gateway-cache.ts";
export { staticBootstrap } from "./xds/static-bootstrap.ts";
export { xdsStages } from "./xds/xds-stages.ts";
export type { GatewayResource } from "./xds/xds-stages.ts";
