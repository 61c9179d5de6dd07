import type { HeaderMap } from "@nuncio/codec";
import type { RouteConfig, RouteTableConfig } from "../http/route/model.ts";
import type { RouteTable } from "../http/route/table.ts";
import type { StreamInfo } from "../observe/stream-info.ts";
import type { Runtime } from "../runtime/snapshot.ts";
import { oneHostTable } from "./one-host-table.ts";

/** Holds every explained route against the route table that workers build: what is told must be what is done. */
export class RouteProof {
  readonly #config: RouteTableConfig;
  readonly #runtime: Runtime;
  readonly #tables = new WeakMap<readonly RouteConfig[], RouteTable>();

  constructor(config: RouteTableConfig, runtime: Runtime) {
    this.#config = config;
    this.#runtime = runtime;
  }

  /** The number of the route that the table takes; null for none. */
  find(
    routes: readonly RouteConfig[],
    headers: HeaderMap,
    info: StreamInfo,
    random: number,
  ): number | null {
    const found = this.#tableOf(routes).match(headers, info, random);
    return found === null ? null : Number(found.routeName);
  }

  /** @throws Error, a defect of ours, when the table takes another route than `index` (null: none). */
  check(
    routes: readonly RouteConfig[],
    headers: HeaderMap,
    info: StreamInfo,
    random: number,
    index: number | null,
  ): void {
    const found = this.find(routes, headers, info, random);
    if (found === index) return;
    const where = `table ${this.#config.name}, path ${headers.path}`;
    throw new Error(`explained route ${index}, but the route table takes ${found}: ${where}`);
  }

  /** With the routes' numbers for names. */
  #tableOf(routes: readonly RouteConfig[]): RouteTable {
    let table = this.#tables.get(routes);
    if (table === undefined) {
      const named = routes.map((route, index) => ({ ...route, name: String(index) }));
      table = oneHostTable(this.#config, named, this.#runtime);
      this.#tables.set(routes, table);
    }
    return table;
  }
}
