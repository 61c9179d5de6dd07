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
