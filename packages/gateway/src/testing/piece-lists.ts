import type { Cells } from "../incremental/cells.ts";
import { Table } from "../incremental/table.ts";
import { pipeline } from "../pipeline.ts";
import type { Resource } from "../resources/object.ts";
import { ResourceStore } from "../resources/store.ts";
import type { PieceLists } from "./pieces.ts";

/** All that becomes of some objects, as plain data. */
export function pieceLists(resources: readonly Resource[]): PieceLists {
  const store = new ResourceStore();
  const { order, pieces } = pipeline({
    store,
    dataPlanes: new Table("data planes"),
    network: "own",
  });
  for (const resource of resources) store.put(resource);
  order.settle();
  const { listeners, routeConfigs, virtualHosts, clusters, endpoints, secrets } = pieces;
  return {
    listeners: valuesOf(listeners),
    routeConfigs: valuesOf(routeConfigs),
    virtualHosts: valuesOf(virtualHosts),
    clusters: valuesOf(clusters),
    endpoints: valuesOf(endpoints),
    secrets: secrets.flatMap(valuesOf),
  };
}

function valuesOf<V>(cells: Cells<V>): V[] {
  return [...cells.values()];
}
