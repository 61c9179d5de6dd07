import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { RouteEntry } from "../entry.ts";
import { buildRouteTable, type RouteTable } from "../table.ts";
import type { RouteTableDeps } from "../table/deps.ts";
import type { HeaderValueExtractorConfig, ScopedRoutesConfig } from "./model.ts";
import { scopeKey, scopeKeyOf } from "./scope-key.ts";

/** Route tables by a key in the request. A request that meets no scope has no route, and no headers of its own. */
export class ScopedRouteTable implements RouteTable {
  readonly name = "";
  readonly #extractors: readonly HeaderValueExtractorConfig[];
  readonly #tables = new Map<string, RouteTable>();

  constructor(config: ScopedRoutesConfig, deps: RouteTableDeps) {
    this.#extractors = config.extractors;
    for (const { key, table } of config.scopes) {
      this.#tables.set(scopeKey(key), buildRouteTable(table, deps));
    }
  }

  internalOnlyHeadersOf(headers: HeaderMap): ReadonlySet<string> | null {
    return this.#tableOf(headers)?.internalOnlyHeadersOf(headers) ?? null;
  }

  match(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null {
    return this.#tableOf(headers)?.match(headers, info, random) ?? null;
  }

  #tableOf(headers: HeaderMap): RouteTable | undefined {
    const key = scopeKeyOf(headers, this.#extractors);
    return key === null ? undefined : this.#tables.get(key);
  }
}
