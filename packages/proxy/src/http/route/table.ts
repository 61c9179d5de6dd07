import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../observe/stream-info.ts";
import type { RouteEntry } from "./entry.ts";
import type { RouteTableConfig } from "./model.ts";
import type { RouteTableDeps } from "./table/deps.ts";
import { DomainIndex } from "./table/domain-index.ts";
import { hostToMatch } from "./table/host-to-match.ts";
import { RouteScope } from "./table/route-scope.ts";
import { VirtualHost } from "./table/virtual-host.ts";

/** A route table on a worker. Immutable; what no request has used yet is not built yet. */
export interface RouteTable {
  readonly name: string;
  /** Headers that only internal requests may carry, in lower case; null for none. */
  internalOnlyHeadersOf(headers: HeaderMap): ReadonlySet<string> | null;
  /**
   * The entry of the first route that matches, in the virtual host that the authority chooses; null when there is
   * none. `random` is uniform in [0, 1); a stream that asks again passes the same, so that it meets the same choice.
   */
  match(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null;
}

/** Worker side of a route table; what no request asks for is not built. */
export function buildRouteTable(config: RouteTableConfig, deps: RouteTableDeps): RouteTable {
  return new CompiledRouteTable(config, deps);
}

/** Random numbers are taken as whole numbers, as in Envoy: below 2^53. */
const RANDOM_RANGE = 2 ** 53;

class CompiledRouteTable implements RouteTable {
  readonly name: string;
  readonly #internalOnlyHeaders: ReadonlySet<string> | null;
  readonly #virtualHosts: DomainIndex<VirtualHost>;
  readonly #config: RouteTableConfig;

  constructor(config: RouteTableConfig, deps: RouteTableDeps) {
    this.name = config.name;
    const { internalOnlyHeaders: names } = config;
    this.#internalOnlyHeaders = names.length === 0 ? null : new Set(names);
    this.#virtualHosts = new DomainIndex(config.ignorePortInHostMatching);
    this.#config = config;
    const scope = new RouteScope(config, deps);
    for (const virtualHost of config.virtualHosts) {
      const built = new VirtualHost(virtualHost, config, scope, deps);
      for (const domain of virtualHost.domains) this.#virtualHosts.add(domain, built);
    }
  }

  internalOnlyHeadersOf(): ReadonlySet<string> | null {
    return this.#internalOnlyHeaders;
  }

  match(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null {
    const virtualHost = this.#virtualHosts.find(hostToMatch(this.#config, headers));
    return virtualHost === null
      ? null
      : virtualHost.match(headers, info, Math.floor(random * RANDOM_RANGE));
  }
}
