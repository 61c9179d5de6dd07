import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { Demand } from "../../../on-demand/model.ts";
import type { RouteEntry } from "../entry.ts";
import { buildRouteTable, type RouteTable } from "../table.ts";
import type { RouteTableDeps } from "../table/deps.ts";
import type { HeaderValueExtractorConfig, ScopeConfig } from "./model.ts";
import { scopeKey, scopeKeyOf } from "./scope-key.ts";

/** The tables of scopes by their keys (`scopeKey`). */
export interface ScopeTables {
  get(key: string): RouteTable | undefined;
  /** What brings the routes of a scope that has none yet; null when nothing does. */
  demandOf(key: string): Demand | null;
}

/** Route tables by a key in the request. A request that meets no scope has no route, and no headers of its own. */
export class ScopedRouteTable implements RouteTable {
  readonly name = "";
  readonly #extractors: readonly HeaderValueExtractorConfig[];
  readonly #tables: ScopeTables;

  constructor(extractors: readonly HeaderValueExtractorConfig[], tables: ScopeTables) {
    this.#extractors = extractors;
    this.#tables = tables;
  }

  internalOnlyHeadersOf(headers: HeaderMap): ReadonlySet<string> | null {
    return this.#tableOf(headers)?.internalOnlyHeadersOf(headers) ?? null;
  }

  match(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null {
    return this.#tableOf(headers)?.match(headers, info, random) ?? null;
  }

  demandOf(headers: HeaderMap): Demand | null {
    const key = scopeKeyOf(headers, this.#extractors);
    if (key === null) return null;
    return this.#tables.demandOf(key) ?? this.#tables.get(key)?.demandOf(headers) ?? null;
  }

  #tableOf(headers: HeaderMap): RouteTable | undefined {
    const key = scopeKeyOf(headers, this.#extractors);
    return key === null ? undefined : this.#tables.get(key);
  }
}

/** Scopes that are part of the configuration. */
export function inlineScopes(scopes: readonly ScopeConfig[], deps: RouteTableDeps): ScopeTables {
  const tables = new Map(
    scopes.map(({ key, table }) => [scopeKey(key), buildRouteTable(table, deps)]),
  );
  return { get: (key) => tables.get(key), demandOf: () => null };
}
