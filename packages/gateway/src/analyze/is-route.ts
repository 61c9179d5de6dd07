import { ROUTE_KINDS } from "../resources/kinds.ts";
import type { Resource } from "../resources/object.ts";
import type { RouteObject } from "../translator/routes/objects.ts";

/** Whether an object is a route, whose rules have what the caller looks at, or nothing in its place. */
export function isRoute<Rule = object>(object: Resource): object is RouteObject<Rule> {
  return (ROUTE_KINDS as readonly string[]).includes(object.kind);
}
