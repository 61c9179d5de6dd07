import { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../../base/worker-context.ts";
import { CORS_STATS } from "../../../observe/stats/tables/cors.ts";
import type { CorsPolicyConfig } from "../../cors/model.ts";
import { HeadersStatus, type DecoderFilterCallbacks, type HttpFilter } from "../../filter.ts";
import type { RouteEntry } from "../../route/entry.ts";
import type { HttpFilterFactory, HttpFilterWorkerSide } from "../extension.ts";
import { CorsPolicy } from "./cors-policy.ts";
import type { CorsConfig } from "./model.ts";
import { preflightResponse } from "./preflight-response.ts";

const CONFIG_TYPE = "envoy.extensions.filters.http.cors.v3.Cors";

/** Worker side of the CORS filter. */
export const corsWorkerSide: HttpFilterWorkerSide<CorsConfig, CorsPolicyConfig> = {
  configType: CONFIG_TYPE,
  perRouteType: "envoy.extensions.filters.http.cors.v3.CorsPolicy",
  build: (config, worker) => new CorsFilterFactory(config, worker),
  buildPerRoute: (config) => config,
};

class CorsFilterFactory implements HttpFilterFactory {
  readonly #worker: WorkerContext;
  readonly #base: number;
  /** What routes come to; null: they have no policy. Routes go when their table does. */
  readonly #policies = new WeakMap<RouteEntry, CorsPolicy | null>();

  constructor({ scope }: CorsConfig, worker: WorkerContext) {
    this.#worker = worker;
    this.#base = scope.base;
  }

  create(): HttpFilter {
    return new CorsFilter(this);
  }

  count(stat: keyof typeof CORS_STATS.at): void {
    this.#worker.stats.slots[this.#base + CORS_STATS.at[stat]]! += 1;
  }

  policyOf(route: RouteEntry, callbacks: DecoderFilterCallbacks): CorsPolicy | null {
    let policy = this.#policies.get(route);
    if (policy === undefined) {
      const ofFilter = callbacks.perRouteConfigs(CONFIG_TYPE) as readonly CorsPolicyConfig[];
      const configs = ofFilter.length > 0 ? ofFilter.toReversed() : route.corsPolicies;
      policy = configs.length === 0 ? null : new CorsPolicy(configs, this.#worker);
      this.#policies.set(route, policy);
    }
    return policy;
  }
}

/** One request, which a script of another origin may have sent (https://fetch.spec.whatwg.org/#http-cors-protocol). */
class CorsFilter implements HttpFilter {
  readonly #factory: CorsFilterFactory;
  #callbacks!: DecoderFilterCallbacks;
  /** Of a request whose response is to be marked; null for none. */
  #policy: CorsPolicy | null = null;
  #origin = "";

  constructor(factory: CorsFilterFactory) {
    this.#factory = factory;
  }

  setDecoderFilterCallbacks(callbacks: DecoderFilterCallbacks): void {
    this.#callbacks = callbacks;
  }

  decodeHeaders(headers: HeaderMap): HeadersStatus {
    const policy = this.#policyOf(headers);
    if (policy === null) return HeadersStatus.Continue;
    const origin = headers.get("origin")!;
    const allowed = policy.allowsOrigin(origin);
    this.#factory.count(allowed ? "origin_valid" : "origin_invalid");
    if (policy.shadowEnabled() && !policy.enabled()) return HeadersStatus.Continue;
    if (allowed) {
      this.#policy = policy;
      this.#origin = origin;
    }
    if (!isPreflight(headers) || (!allowed && policy.forwardNotMatchingPreflights))
      return HeadersStatus.Continue;
    this.#callbacks.streamInfo.responseCodeDetails = "cors_response";
    this.#callbacks.encodeHeaders(
      preflightResponse(headers, policy, allowed ? origin : null),
      true,
    );
    return HeadersStatus.StopIteration;
  }

  encodeHeaders(headers: HeaderMap): HeadersStatus {
    const policy = this.#policy;
    if (policy === null) return HeadersStatus.Continue;
    headers.set("access-control-allow-origin", this.#origin);
    if (policy.allowCredentials) headers.set("access-control-allow-credentials", "true");
    if (policy.exposeHeaders !== "")
      headers.set("access-control-expose-headers", policy.exposeHeaders);
    return HeadersStatus.Continue;
  }

  /** Null where the request is none of this filter's business. */
  #policyOf(headers: HeaderMap): CorsPolicy | null {
    if (!headers.get("origin")) return null;
    const route = this.#callbacks.route();
    if (route?.kind !== "route") return null;
    const policy = this.#factory.policyOf(route, this.#callbacks);
    return policy !== null && (policy.enabled() || policy.shadowEnabled()) ? policy : null;
  }
}

function isPreflight(headers: HeaderMap): boolean {
  return headers.method === "OPTIONS" && Boolean(headers.get("access-control-request-method"));
}
