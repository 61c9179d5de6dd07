import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import { ROUTE_KINDS, type RouteKindName } from "../../resources/kinds.ts";
import type { ObjectKey } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";

/** `HTTPRoute/<namespace>/<name>`: a route among routes of all kinds. */
function routeKey(kind: RouteKindName, key: ObjectKey): string {
  return `${kind}/${key}`;
}

/** The kind and the key of the object. */
export function splitRouteKey(route: string): { kind: RouteKindName; key: ObjectKey } {
  const end = route.indexOf("/");
  return { kind: route.slice(0, end) as RouteKindName, key: route.slice(end + 1) };
}

/** For each kind, the keys of its routes among routes of all kinds. */
export function routeKeys(store: ResourceStore): Cells<ReadonlySet<string>>[] {
  return ROUTE_KINDS.map(
    (kind) => new Index(`${kind} keys`, store.table(kind), (_, key) => [routeKey(kind, key)]),
  );
}
