import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../observe/stream-info.ts";
import type { Demand } from "../../on-demand/model.ts";
import type { RouteEntry } from "./entry.ts";
import { lowerAscii } from "./matchers/ascii.ts";
import type { RouteTableConfig, VirtualHostConfig, VirtualHostsChange } from "./model.ts";
import { joinedHost } from "./posted-routes.ts";
import type { RouteTableDeps } from "./table/deps.ts";
import { DomainIndex } from "./table/domain-index.ts";
import { hostToMatch } from "./table/host-to-match.ts";
import { RouteScope } from "./table/route-scope.ts";
import { VirtualHost } from "./table/virtual-host.ts";

/** A route table on a worker. What no request has used yet is not built yet. */
export interface RouteTable {
  readonly name: string;
  /** Headers that only internal requests may carry, in lower case; null for none. */
  internalOnlyHeadersOf(headers: HeaderMap): ReadonlySet<string> | null;
  /**
   * The entry of the first route that matches, in the virtual host that the authority chooses; null when there is
   * none. `random` is uniform in [0, 1); a stream that asks again passes the same, so that it meets the same choice.
   */
  match(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null;
  /** What may bring a route to a request that has none, when it is asked for; null when nothing can. */
  demandOf(headers: HeaderMap): Demand | null;
}

/** A route table whose virtual hosts come and go one by one (VHDS); the others keep what requests have built of them. */
export interface HostedRouteTable extends RouteTable {
  changeHosts(change: VirtualHostsChange): void;
}

/** Worker side of a route table; what no request asks for is not built. */
export function buildRouteTable(config: RouteTableConfig, deps: RouteTableDeps): HostedRouteTable {
  return new CompiledRouteTable(config, deps);
}

/** Random numbers are taken as whole numbers, as in Envoy: below 2^53. */
const RANDOM_RANGE = 2 ** 53;

class CompiledRouteTable implements HostedRouteTable {
  readonly name: string;
  readonly #internalOnlyHeaders: ReadonlySet<string> | null;
  readonly #virtualHosts: DomainIndex<VirtualHost>;
  readonly #config: RouteTableConfig;
  readonly #deps: RouteTableDeps;
  readonly #scope: RouteScope;

  constructor(config: RouteTableConfig, deps: RouteTableDeps) {
    this.name = config.name;
    const { internalOnlyHeaders: names } = config;
    this.#internalOnlyHeaders = names.length === 0 ? null : new Set(names);
    this.#virtualHosts = new DomainIndex(config.ignorePortInHostMatching);
    this.#config = config;
    this.#deps = deps;
    this.#scope = new RouteScope(config, deps);
    for (const virtualHost of config.virtualHosts) this.#addHost(virtualHost);
  }

  changeHosts({ removed, set }: VirtualHostsChange): void {
    const before = new Map<string, VirtualHostConfig>();
    for (const domain of removed) {
      const host = this.#virtualHosts.delete(domain);
      if (host !== null) before.set(domain, host.config);
    }
    for (const posted of set) this.#addHost(joinedHost(posted, (domain) => before.get(domain)));
  }

  internalOnlyHeadersOf(): ReadonlySet<string> | null {
    return this.#internalOnlyHeaders;
  }

  /** Where there is a virtual host for the request, another one is not asked for; Envoy does. */
  demandOf(headers: HeaderMap): Demand | null {
    const { onDemandHosts: routeConfigId } = this.#config;
    if (routeConfigId === undefined || headers.authority === "") return null;
    if (this.#virtualHosts.find(hostToMatch(this.#config, headers)) !== null) return null;
    return { kind: "virtual_host", routeConfigId, host: lowerAscii(headers.authority) };
  }

  match(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null {
    const virtualHost = this.#virtualHosts.find(hostToMatch(this.#config, headers));
    return virtualHost === null
      ? null
      : virtualHost.match(headers, info, Math.floor(random * RANDOM_RANGE));
  }

  #addHost(virtualHost: VirtualHostConfig): void {
    const built = new VirtualHost(virtualHost, this.#config, this.#scope, this.#deps);
    for (const domain of virtualHost.domains) this.#virtualHosts.add(domain, built);
  }
}
