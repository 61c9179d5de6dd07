import type { Cells } from "../incremental/cells.ts";
import type { IrCluster, IrEndpoints } from "./cluster.ts";
import type { IrInfrastructure } from "./infrastructure.ts";
import type { IrListener } from "./listener.ts";
import type { IrRouteConfig, IrVirtualHost } from "./route.ts";
import type { IrSecret } from "./secret.ts";

/** What a translator gives: all pieces by name. Each belongs to one gateway, whose key its name begins with. */
export interface IrPieces {
  readonly listeners: Cells<IrListener>;
  readonly routeConfigs: Cells<IrRouteConfig>;
  readonly virtualHosts: Cells<IrVirtualHost>;
  readonly clusters: Cells<IrCluster>;
  readonly endpoints: Cells<IrEndpoints>;
  /** What listeners need, and what clusters do. */
  readonly secrets: readonly Cells<IrSecret>[];
  /** By the key of the gateway. */
  readonly infrastructure: Cells<IrInfrastructure>;
}
