import type { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../base/worker-context.ts";
import type { RouteTableConfig, VirtualHostConfig } from "../http/route/model.ts";
import { buildRouteTable, type RouteTable } from "../http/route/table.ts";
import type { StreamInfo } from "../observe/stream-info.ts";

/** Holds every explained route against the route table that workers build: what is told must be what is done. */
export class RouteProof {
  readonly #config: RouteTableConfig;
  readonly #tables = new WeakMap<VirtualHostConfig, RouteTable>();

  constructor(config: RouteTableConfig) {
    this.#config = config;
  }

  /** @throws Error, a defect of ours, when the table takes another route than `index` (null: none). */
  check(
    virtualHost: VirtualHostConfig,
    headers: HeaderMap,
    info: StreamInfo,
    random: number,
    index: number | null,
  ): void {
    const found = this.#tableOf(virtualHost).match(headers, info, random)?.routeName ?? null;
    const expected = index === null ? null : String(index);
    if (found !== expected) {
      const where = `virtual host ${virtualHost.name}, path ${headers.path}`;
      throw new Error(`explained route ${expected}, but the route table takes ${found}: ${where}`);
    }
  }

  /** The virtual host alone, with its routes' numbers for names. */
  #tableOf(virtualHost: VirtualHostConfig): RouteTable {
    let table = this.#tables.get(virtualHost);
    if (table === undefined) {
      const routes = virtualHost.routes.map((route, index) => ({ ...route, name: String(index) }));
      const only: VirtualHostConfig = { ...virtualHost, domains: ["*"], routes };
      table = buildRouteTable({ ...this.#config, virtualHosts: [only] }, NO_DEPS);
      this.#tables.set(virtualHost, table);
    }
    return table;
  }
}

/** Nothing but routes is asked of the table. */
const NO_DEPS = {
  worker: { nowMs: () => 0, wallMs: () => 0 } as WorkerContext,
  buildPerRoute: (): null => null,
};
