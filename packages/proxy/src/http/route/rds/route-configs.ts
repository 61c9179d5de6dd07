import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { Demand } from "../../../on-demand/model.ts";
import type { RouteEntry } from "../entry.ts";
import type { RouteTableConfig, VirtualHostConfig, VirtualHostsChange } from "../model.ts";
import { joinedHost } from "../posted-routes.ts";
import { buildRouteTable, type HostedRouteTable, type RouteTable } from "../table.ts";
import type { RouteTableDeps } from "../table/deps.ts";

/** A route table that is another one after each update; without routes until the first one comes. */
class ChangingRouteTable implements RouteTable {
  #config: RouteTableConfig | null = null;
  #deps: RouteTableDeps | null = null;
  #current: HostedRouteTable | null = null;

  get name(): string {
    return this.#current?.name ?? "";
  }

  internalOnlyHeadersOf(headers: HeaderMap): ReadonlySet<string> | null {
    return this.#current === null ? null : this.#current.internalOnlyHeadersOf(headers);
  }

  match(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null {
    return this.#current === null ? null : this.#current.match(headers, info, random);
  }

  demandOf(headers: HeaderMap): Demand | null {
    return this.#current === null ? null : this.#current.demandOf(headers);
  }

  /** False until the first routes come. */
  get hasRoutes(): boolean {
    return this.#config !== null;
  }

  set(config: RouteTableConfig): void {
    this.#config = config;
    if (this.#deps !== null) this.#current = buildRouteTable(config, this.#deps);
  }

  /** Nothing when there is no table: it would have come before. */
  changeHosts(change: VirtualHostsChange): void {
    const config = this.#config;
    if (config === null) return;
    // What the table was built of is not looked at again, and may be large.
    if (this.#current !== null) {
      this.#current.changeHosts(change);
      return;
    }
    const removed = new Set(change.removed);
    // Whoever has a domain that goes, goes with all of them.
    const kept = config.virtualHosts.filter(({ domains: [domain] }) => !removed.has(domain!));
    const before = (domain: string): VirtualHostConfig | undefined =>
      config.virtualHosts.find(({ domains }) => domains.includes(domain));
    const set = change.set.map((posted) => joinedHost(posted, before));
    this.#config = { ...config, virtualHosts: [...kept, ...set] };
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

  /** Some of the table's virtual hosts are others; the table was set before. */
  changeHosts(id: number, change: VirtualHostsChange): void {
    this.#tables.get(id)?.changeHosts(change);
  }

  /** The table of that number, which may have no routes yet. */
  table(id: number, deps: RouteTableDeps): RouteTable {
    const table = this.#tableOf(id);
    table.buildWith(deps);
    return table;
  }

  /** False while the table of that number has no routes. */
  hasRoutes(id: number): boolean {
    return this.#tables.get(id)?.hasRoutes ?? false;
  }

  #tableOf(id: number): ChangingRouteTable {
    let table = this.#tables.get(id);
    if (table === undefined) this.#tables.set(id, (table = new ChangingRouteTable()));
    return table;
  }
}
