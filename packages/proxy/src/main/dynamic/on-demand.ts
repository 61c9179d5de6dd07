import type { Demand } from "../../on-demand/model.ts";
import type { CompiledBootstrap } from "../compile-bootstrap.ts";
import type { OnFound } from "./waiting.ts";

/** What a worker's request needs and does not have: whoever can ask for it does. */
export function meetDemand(
  demand: Demand,
  {
    routeConfigs,
    scopedRoutes,
    onDemandClusters,
  }: Pick<CompiledBootstrap, "routeConfigs" | "scopedRoutes" | "onDemandClusters">,
  onFound: OnFound,
): void {
  switch (demand.kind) {
    case "virtual_host":
      routeConfigs.demandHost(demand.routeConfigId, demand.host, onFound);
      break;
    case "scope":
      scopedRoutes.demand(demand.scopesId, demand.name, onFound);
      break;
    case "cluster":
      onDemandClusters.demand(demand.sourceId, demand.name, onFound);
      break;
  }
}
