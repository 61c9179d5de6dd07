import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { RouteEntry } from "../entry.ts";
import type { RouteTableConfig } from "../model.ts";
import { buildRouteTable, type RouteTable } from "../table.ts";
import type { RouteTableDeps } from "../table/deps.ts";

/** A route table that is another one after each update; without routes until the first one comes. */
class ChangingRouteTable implements RouteTable {
  #config: RouteTableConfig | null = null;
  #deps: RouteTableDeps | null = null;
  #current: RouteTable | null = null;

  get name(): string {
    return this.#current?.name ?? "";
  }

  internalOnlyHeadersOf(headers: HeaderMap): ReadonlySet<string> | null {
    return this.#current === null ? null : this.#current.internalOnlyHeadersOf(headers);
  }

  match(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null {
    return this.#current === null ? null : this.#current.match(headers, info, random);
  }

  set(config: RouteTableConfig): void {
    this.#config = config;
    if (this.#deps !== null) this.#current = buildRouteTable(config, this.#deps);
  }

  /** What builds the per-route configurations of filters is the same for all who use the table. */
  buildWith(deps: RouteTableDeps): void {
    if (this.#deps !== null) return;
    this.#deps = deps;
    if (this.#config !== null) this.#current = buildRouteTable(this.#config, deps);
  }
}

/** The route tables of a worker that come by RDS. Connection managers share them by the number that main gave. */
export class RouteConfigs {
  readonly #tables = new Map<number, ChangingRouteTable>();

  /** From now on requests are routed by `config`; null: nobody uses the table any more. */
  set(id: number, config: RouteTableConfig | null): void {
    if (config === null) this.#tables.delete(id);
    else this.#tableOf(id).set(config);
  }

  /** The table of that number, which may have no routes yet. */
  table(id: number, deps: RouteTableDeps): RouteTable {
    const table = this.#tableOf(id);
    table.buildWith(deps);
    return table;
  }

  #tableOf(id: number): ChangingRouteTable {
    let table = this.#tables.get(id);
    if (table === undefined) this.#tables.set(id, (table = new ChangingRouteTable()));
    return table;
  }
}
