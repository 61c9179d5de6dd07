import type { IrForward, IrPieces, IrRoute } from "@nuncio/gateway";
import {
  actionText,
  headersText,
  KNOWN_PORTS,
  type ActionParts,
  type PathParts,
} from "./actions.ts";
import { INVALID } from "./connections.ts";
import { backendNames, backendOf } from "./our-backends.ts";
import { corsParts, timeParts } from "./our-features.ts";
import type { PlainRoute, Routing } from "./routing.ts";

/** The routing that our pieces have. What is only there to say that a request came to the wrong listener is left out. */
export function ourRouting({
  virtualHosts,
  clusters,
}: Pick<IrPieces, "virtualHosts" | "clusters">): Routing {
  const nameOf = backendNames(clusters);
  const routing = new Map<string, Map<string, PlainRoute[]>>();
  for (const [, { routeConfig, domain, routes }] of virtualHosts.entries()) {
    const domains = routing.get(routeConfig) ?? new Map<string, PlainRoute[]>();
    routing.set(routeConfig, domains);
    const own = routes.filter(({ name }) => name !== "misdirected");
    // One without routes keeps its hosts from wider ones.
    if (own.length > 0 || routes.length === 0)
      domains.set(domain, plainRoutes(own, routeConfig, nameOf));
  }
  return routing;
}

/** The routes of a virtual host. */
export function plainRoutes(
  routes: readonly IrRoute[],
  routeConfig: string,
  nameOf = backendOf,
): PlainRoute[] {
  return Array.from(Map.groupBy(routes, matchName).values(), (shares) =>
    sharedRoute(shares, (route) => plainRoute(route, routeConfig, nameOf)),
  );
}

/** Backends with filters of their own have routes of their own, one after the other. */
function matchName({ name }: IrRoute): string {
  return name.replace(/\/backend\/\d+$/, "");
}

/** Routes for shares of the requests of one match as one. */
function sharedRoute(
  shares: readonly IrRoute[],
  plain: (route: IrRoute) => PlainRoute,
): PlainRoute {
  const [first] = shares;
  const route = { ...plain(first!), name: matchName(first!) };
  if (shares.length === 1 && first!.name === route.name) return route;
  let before = 0;
  return {
    ...route,
    shares: shares.map((one) => {
      const { numerator, denominator } = one.match.fraction ?? { numerator: 1, denominator: 1 };
      const weight = numerator / denominator - before;
      before += weight;
      return { weight, parts: plain(one).parts! };
    }),
  };
}

function plainRoute(route: IrRoute, routeConfig: string, nameOf: typeof backendOf): PlainRoute {
  const { name, match } = route;
  const parts = actionParts(route, routeConfig, nameOf);
  return {
    name,
    path: match.path,
    headers: [
      ...(match.method === undefined
        ? []
        : [{ name: ":method", kind: "exact" as const, value: match.method }]),
      ...match.headers,
    ],
    queryParams: match.queryParams,
    isGrpc: match.grpc === true,
    action: actionText(parts),
    parts,
  };
}

function actionParts(
  { action, requestHeaders, responseHeaders, cors }: IrRoute,
  routeConfig: string,
  nameOf: typeof backendOf,
): ActionParts {
  const headers = {
    requestHeaders: requestHeaders === undefined ? "" : headersText(requestHeaders),
    responseHeaders: responseHeaders === undefined ? "" : headersText(responseHeaders),
    ...(cors !== undefined && { cors: corsParts(cors) }),
  };
  if (action.kind === "directResponse") return { ...headers, status: action.statusCode };
  if (action.kind === "redirect")
    return {
      ...headers,
      redirect: {
        ...action,
        port: action.port ?? KNOWN_PORTS[action.scheme ?? schemeOf(routeConfig)],
        path: pathParts(action.path),
      },
    };
  return { ...headers, ...forwardParts(action, nameOf) };
}

function forwardParts(
  forward: IrForward,
  nameOf: typeof backendOf,
): Omit<ActionParts, "requestHeaders" | "responseHeaders"> {
  const { clusters, missingBackendStatus, mirrors, rewrite, sessionPersistence } = forward;
  const textOf = (cluster: string | null): string => (cluster === null ? INVALID : nameOf(cluster));
  const isUnserved = clusters.every(
    ({ cluster, weight }) => textOf(cluster) === INVALID || weight === 0,
  );
  return {
    ...(isUnserved && { status: missingBackendStatus ?? 500 }),
    backends: clusters.map(({ cluster, weight, requestHeaders, responseHeaders }) => ({
      to: textOf(cluster),
      weight,
      headers: [requestHeaders, responseHeaders]
        .map((one) => (one === undefined ? "" : headersText(one)))
        .join("|")
        .replace(/^\|$/, ""),
    })),
    mirrors: mirrors.map(({ cluster, fraction }) => ({
      to: nameOf(cluster),
      percent: fraction === undefined ? 100 : (100 * fraction.numerator) / fraction.denominator,
    })),
    ...(rewrite !== undefined && {
      rewrite: { hostname: rewrite.hostname, path: pathParts(rewrite.path) },
    }),
    ...timeParts(forward),
    ...(sessionPersistence !== undefined && {
      session: { ...sessionPersistence, ttlMs: sessionPersistence.ttlMs },
    }),
  };
}

/** Each HTTPS listener has a route configuration of its own. */
function schemeOf(routeConfig: string): string {
  return routeConfig.split("/").length > 3 ? "https" : "http";
}

function pathParts(
  path: { readonly kind: "full" | "prefix"; readonly value: string } | undefined,
): PathParts {
  return path === undefined ? {} : { [path.kind]: path.value };
}
