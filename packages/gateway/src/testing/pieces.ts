import { Table } from "../incremental/table.ts";
import type { IrCluster, IrEndpoints } from "../ir/cluster.ts";
import type { IrInfrastructure } from "../ir/infrastructure.ts";
import type { IrListener } from "../ir/listener.ts";
import type { IrRouteConfig, IrVirtualHost } from "../ir/route.ts";
import type { IrSecret } from "../ir/secret.ts";

/** Pieces as a file has them. */
export interface PieceLists {
  readonly listeners?: readonly IrListener[];
  readonly routeConfigs?: readonly IrRouteConfig[];
  readonly virtualHosts?: readonly IrVirtualHost[];
  readonly clusters?: readonly IrCluster[];
  readonly endpoints?: readonly IrEndpoints[];
  readonly secrets?: readonly IrSecret[];
}

/** Pieces that a test puts in place by hand. */
export interface PieceTables {
  readonly listeners: Table<IrListener>;
  readonly routeConfigs: Table<IrRouteConfig>;
  readonly virtualHosts: Table<IrVirtualHost>;
  readonly clusters: Table<IrCluster>;
  readonly endpoints: Table<IrEndpoints>;
  readonly secrets: readonly [Table<IrSecret>];
  readonly infrastructure: Table<IrInfrastructure>;
}

/** Tables that hold what the lists have. */
export function pieceTables(lists: PieceLists = {}): PieceTables {
  return {
    listeners: tableOf("listeners", lists.listeners),
    routeConfigs: tableOf("route configs", lists.routeConfigs),
    virtualHosts: tableOf("virtual hosts", lists.virtualHosts),
    clusters: tableOf("clusters", lists.clusters),
    endpoints: tableOf("endpoints", lists.endpoints),
    secrets: [tableOf("secrets", lists.secrets)],
    infrastructure: new Table("infrastructure"),
  };
}

function tableOf<P extends { readonly name: string }>(
  name: string,
  pieces: readonly P[] = [],
): Table<P> {
  const table = new Table<P>(name);
  for (const piece of pieces) table.set(piece.name, piece);
  return table;
}
