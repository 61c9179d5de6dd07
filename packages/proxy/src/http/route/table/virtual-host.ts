import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import { buildMirrorPolicies, type MirrorPolicy } from "../../mirror/mirror-policy.ts";
import type { RouteEntry } from "../entry.ts";
import type { RouteConfig, RouteTableConfig, VirtualHostConfig } from "../model.ts";
import { Conditions } from "./conditions.ts";
import type { RouteTableDeps } from "./deps.ts";
import { pathToMatch } from "./path-to-match.ts";
import { CompiledRouteEntry } from "./route-entry.ts";
import { RouteIndex } from "./route-index.ts";
import { RouteScope } from "./route-scope.ts";
import { TlsRedirectEntry } from "./tls-redirect-entry.ts";
import { WeightedChoice } from "./weighted-choice.ts";

/** One virtual host on a worker. Its index is built by the first request, a route's entry by its first match. */
export class VirtualHost {
  readonly config: VirtualHostConfig;
  readonly table: RouteTableConfig;
  readonly tableScope: RouteScope;
  readonly scope: RouteScope;
  readonly deps: RouteTableDeps;
  #index: RouteIndex | null = null;
  readonly #entries: (CompiledRouteEntry | WeightedChoice | undefined)[] = [];
  #tlsRedirect: RouteEntry | null = null;
  #mirrorPolicies: readonly MirrorPolicy[] | null | undefined = undefined;

  constructor(
    config: VirtualHostConfig,
    table: RouteTableConfig,
    tableScope: RouteScope,
    deps: RouteTableDeps,
  ) {
    this.config = config;
    this.table = table;
    this.tableScope = tableScope;
    this.scope = new RouteScope(config, deps);
    this.deps = deps;
  }

  /** Of routes without their own. */
  get mirrorPolicies(): readonly MirrorPolicy[] | null {
    if (this.#mirrorPolicies === undefined) {
      const configs = this.config.mirrorPolicies ?? this.table.mirrorPolicies ?? [];
      this.#mirrorPolicies = buildMirrorPolicies(configs, this.deps.worker);
    }
    return this.#mirrorPolicies;
  }

  /** The entry of the first route that matches; null when there is none. `random` is a whole number. */
  match(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null {
    if (this.config.requireTls !== "none" && this.#needsTls(headers)) {
      return (this.#tlsRedirect ??= new TlsRedirectEntry(this.config.name));
    }
    const { routes } = this.config;
    const index = (this.#index ??= new RouteIndex(routes, new Conditions(routes)));
    // Only a CONNECT request has no path.
    const at =
      headers.path === ""
        ? index.findConnect(headers, info, random)
        : index.find(
            pathToMatch(headers.path, this.table.ignorePathParameters),
            headers,
            info,
            random,
          );
    if (at < 0) return null;
    const found = (this.#entries[at] ??= this.#build(routes[at]!));
    return found instanceof WeightedChoice ? found.pick(headers, random) : found;
  }

  #needsTls(headers: HeaderMap): boolean {
    if (headers.get("x-forwarded-proto") === "https") return false;
    return this.config.requireTls === "all" || headers.get("x-envoy-internal") !== "true";
  }

  #build(route: RouteConfig): CompiledRouteEntry | WeightedChoice {
    const { action } = route;
    if (action.kind === "route" && action.cluster.kind === "weighted") {
      return new WeightedChoice(this, route, action.cluster);
    }
    return new CompiledRouteEntry(this, route, null);
  }
}
