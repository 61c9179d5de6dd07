import type { HeaderMap } from "@nuncio/codec";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import { buildMirrorPolicies, type MirrorPolicy } from "../../mirror/mirror-policy.ts";
import { buildRetryPolicy, type RetryPolicy } from "../../retry/retry-policy.ts";
import type { RouteEntry } from "../entry.ts";
import type { RouteTableConfig, VirtualHostConfig } from "../model.ts";
import type { RouteTableDeps } from "./deps.ts";
import { RouteList } from "./route-list.ts";
import { RouteMatcher } from "./route-matcher.ts";
import { RouteScope } from "./route-scope.ts";
import { TlsRedirectEntry } from "./tls-redirect-entry.ts";
import { VirtualClusters } from "./virtual-clusters.ts";

/** One virtual host on a worker. Its routes are indexed by the first request. */
export class VirtualHost {
  readonly config: VirtualHostConfig;
  readonly table: RouteTableConfig;
  readonly tableScope: RouteScope;
  readonly scope: RouteScope;
  readonly deps: RouteTableDeps;
  readonly #asksForTls: boolean;
  #routes: RouteList | null = null;
  #matcher: RouteMatcher | null = null;
  #virtualClusters: VirtualClusters | null = null;
  #tlsRedirect: RouteEntry | null = null;
  #mirrorPolicies: readonly MirrorPolicy[] | null | undefined = undefined;
  #retryPolicy: RetryPolicy | null | undefined = undefined;

  constructor(
    config: VirtualHostConfig,
    table: RouteTableConfig,
    tableScope: RouteScope,
    deps: RouteTableDeps,
  ) {
    this.config = config;
    this.#asksForTls = config.requireTls !== "none";
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

  /** Of routes without their own. */
  get retryPolicy(): RetryPolicy | null {
    if (this.#retryPolicy === undefined)
      this.#retryPolicy = buildRetryPolicy(this.config.retryPolicy);
    return this.#retryPolicy;
  }

  /** Null when it has none. */
  get virtualClusters(): VirtualClusters | null {
    const { virtualClusters: config } = this.config;
    if (config === undefined) return null;
    return (this.#virtualClusters ??= new VirtualClusters(config, this.deps.worker.stats));
  }

  /** The entry of the first route that matches; null when there is none. `random` is a whole number. */
  match(headers: HeaderMap, info: StreamInfo, random: number): RouteEntry | null {
    if (this.#asksForTls && this.#needsTls(headers)) {
      return (this.#tlsRedirect ??= new TlsRedirectEntry(this.config));
    }
    const routes = this.#routes ?? this.#routesFor(headers, info);
    const found = routes === null ? null : routes.match(headers, info, random);
    if (found === null) this.#note(info);
    return found;
  }

  /** Without a route the stream has its virtual host all the same. */
  #note(info: StreamInfo): void {
    info.virtualHostName = this.config.name;
    info.virtualHostMetadata = this.config.metadata ?? null;
  }

  /** Null when the matcher comes to none. */
  #routesFor(headers: HeaderMap, info: StreamInfo): RouteList | null {
    const { matcher, routes } = this.config;
    if (matcher === undefined) return (this.#routes ??= new RouteList(this, routes));
    return (this.#matcher ??= new RouteMatcher(this, matcher)).match(headers, info);
  }

  #needsTls(headers: HeaderMap): boolean {
    if (headers.get("x-forwarded-proto") === "https") return false;
    return this.config.requireTls === "all" || headers.get("x-envoy-internal") !== "true";
  }
}
