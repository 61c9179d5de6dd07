import type { Any } from "@bufbuild/protobuf/wkt";
import type { CorsPolicy } from "@nuncio/api/types/envoy/extensions/filters/http/cors/v3/cors_pb";
import type { StatefulSessionPerRoute } from "@nuncio/api/types/envoy/extensions/filters/http/stateful_session/v3/stateful_session_pb";
import type { CookieBasedSessionState } from "@nuncio/api/types/envoy/extensions/http/stateful_session/cookie/v3/cookie_pb";
import type { HeaderBasedSessionState } from "@nuncio/api/types/envoy/extensions/http/stateful_session/header/v3/header_pb";
import type { StringMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/string_pb";
import type { IrCors, IrRoute, IrSessionPersistence } from "../ir/route.ts";
import { externalAuthName, externalAuthOfRoute } from "./external-auth.ts";
import { FILTER_NAMES } from "./http-filters.ts";
import { duration, extension, packed, type Init } from "./message.ts";

const NEITHER = { externalAuth: undefined, sessionPersistence: undefined };

/** What a route says to HTTP filters, by their names. */
export function routeFilters(route: IrRoute): Record<string, Any> {
  const { action, cors } = route;
  const { externalAuth, sessionPersistence } = action.kind === "forward" ? action : NEITHER;
  return {
    ...(cors === undefined ? {} : { [FILTER_NAMES.cors]: corsPolicy(cors) }),
    ...(externalAuth === undefined
      ? {}
      : { [externalAuthName(externalAuth)]: externalAuthOfRoute(externalAuth) }),
    ...(sessionPersistence === undefined
      ? {}
      : { [FILTER_NAMES.stateful_session]: session(sessionPersistence) }),
  };
}

function corsPolicy(cors: IrCors): Any {
  return packed<CorsPolicy>("envoy.extensions.filters.http.cors.v3.CorsPolicy", {
    allowOriginStringMatch: cors.allowOrigins.map(originMatch),
    allowMethods: cors.allowMethods.join(", "),
    allowHeaders: cors.allowHeaders.join(", "),
    exposeHeaders: cors.exposeHeaders.join(", "),
    maxAge: String(cors.maxAgeSeconds),
    allowCredentials: cors.allowCredentials,
    // Backends need not know of other origins.
    forwardNotMatchingPreflights: false,
  });
}

/** `*` stands for any number of labels. */
function originMatch(origin: string): Init<StringMatcher> {
  if (!origin.includes("*")) return { matchPattern: { case: "exact", value: origin } };
  const parts = origin.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return { matchPattern: { case: "safeRegex", value: { regex: parts.join(".*") } } };
}

function session(persistence: IrSessionPersistence): Any {
  return packed<StatefulSessionPerRoute>(
    "envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute",
    {
      override: {
        case: "statefulSession",
        value: { sessionState: sessionState(persistence) },
      },
    },
  );
}

function sessionState({ kind, name, path, ttlMs }: IrSessionPersistence): {
  name: string;
  typedConfig: Any;
} {
  if (kind === "header")
    return extension<HeaderBasedSessionState>(
      "envoy.http.stateful_session.header",
      "envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState",
      { name },
    );
  return extension<CookieBasedSessionState>(
    "envoy.http.stateful_session.cookie",
    "envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState",
    {
      cookie: {
        name,
        path: path ?? "/",
        ...(ttlMs === undefined || ttlMs === 0 ? {} : { ttl: duration(ttlMs) }),
      },
    },
  );
}
