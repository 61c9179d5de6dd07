import type { HeaderMap } from "@nuncio/codec";
import type { HttpConnectionManagerConfig } from "../http/connection-manager/model.ts";
import type { RouteTableConfig } from "../http/route/model.ts";
import { scopeKey, scopeKeyOf } from "../http/route/scoped/scope-key.ts";
import { ExplainError } from "./explain-error.ts";

/** The route table that a request is routed by. */
export interface ChosenTable {
  /** Null when the request meets no scope. */
  readonly table: RouteTableConfig | null;
  /** Of `scoped_routes`; -1 for the one table without them, or when no scope was met. */
  readonly scope: number;
  /** Null without `scoped_routes`, and when a part of the key is missing. */
  readonly key: readonly string[] | null;
}

/** The table that there is, or that of the scope whose key the request gives. */
export function chooseTable(
  { routeTable, routeConfigId, scopedRoutes }: HttpConnectionManagerConfig,
  headers: HeaderMap,
): ChosenTable {
  if (routeConfigId !== null)
    throw new ExplainError("the routes come by RDS: a running proxy can tell (--admin)");
  if ((scopedRoutes?.scopesId ?? null) !== null)
    throw new ExplainError("the scopes come by SRDS: a running proxy can tell (--admin)");
  if (scopedRoutes === null) return { table: routeTable, scope: -1, key: null };
  const { extractors, scopes } = scopedRoutes;
  const whole = scopeKeyOf(headers, extractors);
  if (whole === null) return { table: null, scope: -1, key: null };
  const scope = scopes.findIndex(({ key }) => scopeKey(key) === whole);
  const key = extractors.map((extractor) => scopeKeyOf(headers, [extractor])!);
  return { table: scopes[scope]?.table ?? null, scope, key };
}
