import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { unpack } from "@nuncio/api";
import type { Locator, Place } from "@nuncio/api";
import type { Bootstrap } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import type { FilterChain } from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";

/** Where a route table is in a configuration. */
export interface TablePath {
  readonly listener: number;
  readonly chain: number;
  /** Of `scoped_routes`; -1: the table stands in the connection manager itself. */
  readonly scope: number;
}

/**
 * Where things stand in the text of a configuration, by their place in it. Made on demand of the loaded messages, so
 * that nothing of it goes to the workers or stays in a proxy that nobody asks.
 */
export class Places {
  readonly #bootstrap: Bootstrap | null;
  readonly #locator: Locator | null;

  /** Nulls for a configuration without a text: every place is null then. */
  constructor(bootstrap: Bootstrap | null, locator: Locator | null) {
    this.#bootstrap = bootstrap;
    this.#locator = locator;
  }

  /** `index` counts the bootstrap's listeners. */
  listener(index: number): Place | null {
    return this.#of(this.#bootstrap?.staticResources?.listeners[index]);
  }

  cluster(name: string): Place | null {
    const clusters = this.#bootstrap?.staticResources?.clusters ?? [];
    return this.#of(clusters.find((cluster) => cluster.name === name));
  }

  /** `chain` -1: the default filter chain. */
  filterChain(listener: number, chain: number): Place | null {
    return this.#of(this.#chain(listener, chain));
  }

  /** The HTTP connection manager of a filter chain. */
  manager(listener: number, chain: number): Place | null {
    return this.#of(this.#manager(listener, chain));
  }

  /** A route table of a filter chain; `scope` -1: the one that stands in the connection manager. */
  table(path: TablePath): Place | null {
    return this.#of(this.#table(path));
  }

  virtualHost(table: TablePath, virtualHost: number): Place | null {
    return this.#of(this.#table(table)?.virtualHosts[virtualHost]);
  }

  route(table: TablePath, virtualHost: number, route: number): Place | null {
    return this.#of(this.#table(table)?.virtualHosts[virtualHost]?.routes[route]);
  }

  /** The routes below the matcher of a virtual host, in the order in which they are written down. */
  matcherRoutes(table: TablePath, virtualHost: number): (Place | null)[] {
    const { matcher } = this.#table(table)?.virtualHosts[virtualHost] ?? {};
    return routesBelow(matcher).map((route) => this.#of(route));
  }

  #of(message: Parameters<Locator["locate"]>[0] | undefined): Place | null {
    if (message === undefined || this.#locator === null) return null;
    return this.#locator.locate(message).place;
  }

  #chain(listener: number, chain: number): FilterChain | undefined {
    const message = this.#bootstrap?.staticResources?.listeners[listener];
    return chain < 0 ? message?.defaultFilterChain : message?.filterChains[chain];
  }

  #manager(listener: number, chain: number): HttpConnectionManager | undefined {
    const filter = this.#chain(listener, chain)?.filters.at(-1);
    if (filter?.configType.case !== "typedConfig") return undefined;
    return unpack<HttpConnectionManager>(filter.configType.value);
  }

  #table({ listener, chain, scope }: TablePath): RouteConfiguration | undefined {
    const specifier = this.#manager(listener, chain)?.routeSpecifier;
    if (specifier?.case === "routeConfig") return specifier.value;
    if (specifier?.case !== "scopedRoutes") return undefined;
    const { configSpecifier: scopes } = specifier.value;
    if (scopes.case !== "scopedRouteConfigurationsList") return undefined;
    return scopes.value.scopedRouteConfigurations[scope]?.routeConfiguration;
  }
}

const ROUTE = "envoy.config.route.v3.Route";

/** Every route message in a value, what stands in an Any included. */
function routesBelow(value: unknown): Message[] {
  if (typeof value !== "object" || value === null) return [];
  const type = "$typeName" in value ? value.$typeName : "";
  if (type === ROUTE) return [value as Message];
  if (type === "google.protobuf.Any") return routesBelow(unpack(value as Any));
  return Object.values(value).flatMap(routesBelow);
}
