import { HeaderMap } from "@nuncio/codec";
import type { CorsPolicy } from "./cors-policy.ts";

const AS_REQUESTED = "*";

/** The answer to a preflight request; `origin` is null where the request's is not allowed. */
export function preflightResponse(
  request: HeaderMap,
  policy: CorsPolicy,
  origin: string | null,
): HeaderMap {
  const { allowMethods, allowHeaders, maxAge } = policy;
  const response = new HeaderMap();
  response.status = 200;
  if (origin !== null) response.set("access-control-allow-origin", origin);
  if (policy.allowCredentials) response.set("access-control-allow-credentials", "true");
  if (allowMethods !== "") {
    const value = orRequested(allowMethods, request, "access-control-request-method");
    response.set("access-control-allow-methods", value);
  }
  if (allowHeaders !== "") {
    const value = orRequested(allowHeaders, request, "access-control-request-headers");
    response.set("access-control-allow-headers", value);
  }
  if (maxAge !== "") response.set("access-control-max-age", maxAge);
  if (
    policy.allowPrivateNetworkAccess &&
    request.get("access-control-request-private-network") === "true"
  )
    response.set("access-control-allow-private-network", "true");
  return response;
}

function orRequested(allowed: string, request: HeaderMap, name: string): string {
  return allowed === AS_REQUESTED ? (request.get(name) ?? "") : allowed;
}
