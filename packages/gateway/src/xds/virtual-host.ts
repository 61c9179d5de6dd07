import type {
  Route,
  VirtualHost,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { IrDirectResponse, IrRoute, IrVirtualHost } from "../ir/route.ts";
import { hasNoBackend, missingStatus, routeAction } from "./forward.ts";
import { headerFields } from "./header-mutation.ts";
import { message, type Field } from "./message.ts";
import { originOfRoute } from "./metadata.ts";
import { redirectAction } from "./redirect.ts";
import { routeFilters } from "./route-filters.ts";
import { routeMatch } from "./route-match.ts";

/** The routes of a domain, or of several. */
export function virtualHostMessage(host: IrVirtualHost): VirtualHost {
  const { name, domain, otherDomains = [], routes } = host;
  return message<VirtualHost>("envoy.config.route.v3.VirtualHost", {
    name,
    domains: [domain, ...otherDomains],
    routes: routes.map(routeMessage),
  });
}

/** A route of it. */
export function routeMessage(route: IrRoute): Route {
  const { name, ruleName, match, requestHeaders, responseHeaders } = route;
  const metadata = originOfRoute(name, ruleName);
  return message<Route>("envoy.config.route.v3.Route", {
    name,
    match: routeMatch(match),
    action: actionOf(route),
    ...(metadata === undefined ? {} : { metadata }),
    ...headerFields(requestHeaders, responseHeaders),
    typedPerFilterConfig: routeFilters(route),
  });
}

function actionOf(route: IrRoute): Field<Route, "action"> {
  const { action, match } = route;
  if (action.kind === "redirect")
    return { case: "redirect", value: redirectAction(action, match.path) };
  if (action.kind === "directResponse") return directResponse(action);
  if (hasNoBackend(action))
    return directResponse({ kind: "directResponse", statusCode: missingStatus(action) });
  return { case: "route", value: routeAction(route, action) };
}

function directResponse({ statusCode, body }: IrDirectResponse): Field<Route, "action"> {
  return {
    case: "directResponse",
    value: {
      status: statusCode,
      ...(body === undefined
        ? {}
        : { body: { specifier: { case: "inlineString" as const, value: body } } }),
    },
  };
}
