import type { EndpointSlice } from "#gen/resources";
import type { Cells } from "../../incremental/cells.ts";
import type { Index } from "../../incremental/index-cells.ts";
import { Stage } from "../../incremental/stage.ts";
import type { IrCluster, IrEndpoints } from "../../ir/cluster.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { BackendDemand } from "../translated-route.ts";
import { backendEndpoints } from "./backend-endpoints.ts";
import { fallbackBackends, resolveBackend } from "./resolve.ts";
import { serviceEndpoints } from "./slices.ts";

interface EndpointInputs {
  readonly store: ResourceStore;
  readonly demands: Cells<BackendDemand>;
  readonly clusters: Cells<IrCluster>;
  readonly slices: Index<EndpointSlice>;
}

/** By the name of the cluster. A change of EndpointSlices is one of this stage alone. */
export function clusterEndpoints(inputs: EndpointInputs): Stage<IrEndpoints> {
  const { store, demands, clusters } = inputs;
  return new Stage<IrEndpoints>({
    name: "endpoints",
    compute: (name, read) => {
      const demand = read.one(demands, name);
      if (demand === undefined || read.one(clusters, name) === undefined) return undefined;
      const backend = resolveBackend(read, store, demand);
      if (backend === undefined) return undefined;
      const own =
        backend.kind === "Backend"
          ? backendEndpoints(backend.backend, 0)
          : serviceEndpoints(read, inputs, demand, backend);
      const fallbacks = fallbackBackends(read, store, demand).flatMap((fallback) =>
        backendEndpoints(fallback, 1),
      );
      return { name, gateway: demand.gateway, endpoints: [...own, ...fallbacks] };
    },
  }).forEach(demands);
}
