import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import { Stage } from "../../incremental/stage.ts";
import type { BackendDemand, TranslatedRoute } from "../translated-route.ts";
import { demandOf } from "./cluster-names.ts";

/** By the name of the cluster: what routes need, each once. */
export function backendDemands(routes: Cells<TranslatedRoute>): Stage<BackendDemand> {
  const names = new Index("demands of routes", routes, ({ parents }) =>
    parents.flatMap(({ backends }) => backends.map(({ cluster }) => cluster)),
  );
  return new Stage<BackendDemand>({ name: "backend demands", compute: demandOf }).forEach(names);
}

/** The clusters that are made of a backend, by `<kind>/<namespace>/<name>`. */
export function clustersByBackend(demands: Cells<BackendDemand>): Index<BackendDemand> {
  return new Index("clusters by backend", demands, ({ kind, namespace, name }) => [
    `${kind}/${namespace}/${name}`,
  ]);
}
