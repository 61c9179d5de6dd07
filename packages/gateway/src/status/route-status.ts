import type { Cells } from "../incremental/cells.ts";
import { Stage } from "../incremental/stage.ts";
import { CONTROLLER_NAME } from "../resources/kinds.ts";
import type { TranslatedRoute } from "../translator/translated-route.ts";
import type { ObjectStatus } from "./object-status.ts";

/** Statuses of routes that name a Gateway of ours, by `<kind>/<key>`. */
export function routeStatuses(routes: Cells<TranslatedRoute>): Stage<ObjectStatus> {
  return new Stage<ObjectStatus>({
    name: "route statuses",
    compute: (routeKey, read) => {
      const route = read.one(routes, routeKey);
      if (route === undefined || route.parents.length === 0) return undefined;
      const { kind, key } = route;
      const parents = route.parents.map(({ parentRef, conditions }) => ({
        parentRef,
        controllerName: CONTROLLER_NAME,
        conditions,
      }));
      return { kind, key, status: { parents } };
    },
  }).forEach(routes);
}
