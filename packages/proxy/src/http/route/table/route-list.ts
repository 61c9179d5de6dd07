import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { RouteEntry } from "../entry.ts";
import type { RouteActionConfig, RouteConfig } from "../model.ts";
import { Conditions } from "./conditions.ts";
import { NO_ENTRY, type EntryChoice } from "./entry-choice.ts";
import { MatchedChoice } from "./matched-choice.ts";
import { pathToMatch } from "./path-to-match.ts";
import { CompiledRouteEntry } from "./route-entry.ts";
import { RouteIndex } from "./route-index.ts";
import type { VirtualHost } from "./virtual-host.ts";
import { WeightedChoice } from "./weighted-choice.ts";

/** Routes in order, of a virtual host or below its matcher. The index is built by the first request. */
export class RouteList {
  readonly #virtualHost: VirtualHost;
  readonly #routes: readonly RouteConfig[];
  readonly #ignorePathParameters: boolean;
  #index: RouteIndex | null = null;
  /** What follows a route, by its number; few have any. */
  readonly #behind = new Map<number, RouteList>();
  readonly #entries: (CompiledRouteEntry | EntryChoice | undefined)[] = [];

  constructor(virtualHost: VirtualHost, routes: readonly RouteConfig[]) {
    this.#virtualHost = virtualHost;
    this.#routes = routes;
    this.#ignorePathParameters = virtualHost.table.ignorePathParameters;
  }

  /** The entry of the first route that matches; null when there is none. `random` is a whole number. */
  match(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null {
    const index = (this.#index ??= this.#buildIndex());
    // Only a CONNECT request has no path.
    const at =
      headers.path === ""
        ? index.findConnect(headers, info, random)
        : index.find(pathToMatch(headers.path, this.#ignorePathParameters), headers, info, random);
    if (at < 0) return null;
    const found = (this.#entries[at] ??= this.#build(this.#routes[at]!));
    if (found instanceof CompiledRouteEntry) return found;
    return found.pick(headers, info, random) ?? this.#listBehind(at).match(headers, info, random);
  }

  /** A route that has no entry for a request leaves it to those behind. */
  #listBehind(at: number): RouteList {
    let list = this.#behind.get(at);
    if (list === undefined) {
      list = new RouteList(this.#virtualHost, this.#routes.slice(at + 1));
      this.#behind.set(at, list);
    }
    return list;
  }

  #buildIndex(): RouteIndex {
    const { runtime } = this.#virtualHost.deps.worker;
    return new RouteIndex(this.#routes, new Conditions(this.#routes, runtime));
  }

  #build(route: RouteConfig): CompiledRouteEntry | EntryChoice {
    const virtualHost = this.#virtualHost;
    const { action } = route;
    const cluster = action.kind === "route" ? action.cluster : null;
    switch (cluster?.kind) {
      case "weighted":
        return new WeightedChoice(virtualHost, route, cluster);
      case "matcher":
        return new MatchedChoice(virtualHost, route, action as RouteActionConfig, cluster.matcher);
      case "nowhere":
        return NO_ENTRY;
      default:
        return new CompiledRouteEntry(virtualHost, route, null);
    }
  }
}
