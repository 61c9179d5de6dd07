import type { Cells } from "../../incremental/cells.ts";
import type { Stage } from "../../incremental/stage.ts";
import type { IrCluster, IrEndpoints } from "../../ir/cluster.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { TranslatedRoute } from "../translated-route.ts";
import { irClusters } from "./clusters.ts";
import { backendDemands } from "./demands.ts";
import { clusterEndpoints } from "./endpoints.ts";
import { slicesByOwner } from "./slices.ts";

/** What routes send requests to. */
export interface BackendStages {
  /** In the order in which they are computed, all behind those of routes. */
  readonly order: readonly Pick<Stage<never>, "name" | "computed" | "isSettled" | "run">[];
  readonly clusters: Cells<IrCluster>;
  readonly endpoints: Cells<IrEndpoints>;
}

/** All stages from what routes demand to endpoints. */
export function backendStages(sources: {
  readonly store: ResourceStore;
  readonly routes: Cells<TranslatedRoute>;
}): BackendStages {
  const { store, routes } = sources;
  const demands = backendDemands(routes);
  const clusters = irClusters({ store, demands, tlsOf: () => undefined });
  const endpoints = clusterEndpoints({ store, demands, clusters, slices: slicesByOwner(store) });
  return { order: [demands, clusters, endpoints], clusters, endpoints };
}
