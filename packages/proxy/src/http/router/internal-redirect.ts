import type { HeaderMap } from "@nuncio/codec";
import { ROUTER_STATS } from "../../observe/stats/tables/router.ts";
import { InternalRedirects } from "../../observe/stream-info.ts";
import type { DecoderFilterCallbacks } from "../filter.ts";
import type { RouteEntry } from "../route/entry.ts";
import type { InternalRedirectConfig, RedirectPredicateConfig } from "../route/model.ts";
import { parseRedirectUrl, type RedirectUrl } from "./redirect-url.ts";
import type { Router } from "./router.ts";

const STATS = ROUTER_STATS.at;

/**
 * Turns the headers of a request into those that a redirect asks for, and chooses its route; false, with the headers as they
 * were, when the redirect is to be passed on (Envoy's `convertRequestHeadersForInternalRedirect`).
 */
export function followRedirect(
  router: Router,
  callbacks: DecoderFilterCallbacks,
  from: RouteEntry,
  headers: HeaderMap,
  response: HeaderMap,
): boolean {
  const policy = from.internalRedirect!;
  const url = parseRedirectUrl(response.get("location") ?? "");
  if (url === null) return refuse(router, STATS.passthrough_internal_redirect_bad_location);
  const toHttp = isHttp(url);
  if (!policy.allowCrossScheme && !toHttp)
    return refuse(router, STATS.passthrough_internal_redirect_unsafe_scheme);
  const redirects = (callbacks.streamInfo.internalRedirects ??= new InternalRedirects());
  if (redirects.count >= policy.maxRedirects)
    return refuse(router, STATS.passthrough_internal_redirect_too_many_redirects);
  const before = headers.clone();
  copyHeaders(policy, headers, response);
  headers.scheme = url.scheme;
  headers.authority = url.authority;
  headers.path = url.path;
  callbacks.clearRouteCache();
  const route = callbacks.route();
  noteTarget(router, callbacks, route, headers);
  const accepted =
    route !== null &&
    policy.predicates.every((one) => accepts(one, redirects, from, route, toHttp));
  if (!accepted) {
    restore(headers, before);
    return refuse(
      router,
      route === null
        ? STATS.passthrough_internal_redirect_no_route
        : STATS.passthrough_internal_redirect_predicate,
    );
  }
  redirects.count++;
  if (response.status === SEE_OTHER) becomeGet(headers);
  headers.set("x-envoy-original-url", `http://${before.authority}${before.path}`);
  return true;
}

const SEE_OTHER = 303;

function refuse(router: Router, stat: number): false {
  router.count(stat);
  return false;
}

/** Downstream connections are plaintext, which is `http` to Envoy, whatever the headers say. */
function isHttp(url: RedirectUrl): boolean {
  return url.scheme.toLowerCase() === "http";
}

/** A header that the response does not have is taken out of the request, too. */
function copyHeaders(
  policy: InternalRedirectConfig,
  headers: HeaderMap,
  response: HeaderMap,
): void {
  for (const name of policy.headersToCopy) {
    headers.remove(name);
    for (const value of response.getAll(name)) headers.add(name, value);
  }
}

/** The log shows where the redirect leads, even when it is not followed. */
function noteTarget(
  router: Router,
  callbacks: DecoderFilterCallbacks,
  route: RouteEntry | null,
  headers: HeaderMap,
): void {
  const name = route?.kind === "route" ? route.clusterName(headers) : "";
  const cluster = router.services.clusters.get(name);
  callbacks.streamInfo.upstream.clusterObservabilityName = cluster?.config.observabilityName ?? "";
}

function restore(headers: HeaderMap, before: HeaderMap): void {
  headers.scheme = before.scheme;
  headers.authority = before.authority;
  headers.path = before.path;
  headers.entries.length = 0;
  headers.entries.push(...before.entries);
}

function accepts(
  predicate: RedirectPredicateConfig,
  redirects: InternalRedirects,
  from: RouteEntry,
  to: RouteEntry,
  toHttp: boolean,
): boolean {
  switch (predicate.kind) {
    case "previous_routes":
      return redirects.isNew(from.routeName, to.routeName);
    case "allow_listed_routes":
      return predicate.names.includes(to.routeName);
    case "safe_cross_scheme":
      return toHttp;
  }
}

/** RFC 9110, section 15.4.4. */
function becomeGet(headers: HeaderMap): void {
  if (headers.method === "GET" || headers.method === "HEAD") return;
  headers.method = "GET";
  headers.remove("content-length");
}
