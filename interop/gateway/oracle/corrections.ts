import { actionText, type ActionParts } from "./actions.ts";
import { INVALID } from "./connections.ts";
import type { PlainRoute } from "./routing.ts";
import { isOfRefusedPolicy } from "./specification/backends.ts";
import { PREFLIGHT, preflightMethod, byPrecedence } from "./specification/precedence.ts";
import { isRefused } from "./specification/refused-rules.ts";
import { prefixOf, routePrefix, ruleOf } from "./specification/route-names.ts";
import type { Specification } from "./specification/specification.ts";

/** Where routes of the original are tried. */
interface Place {
  readonly specification: Specification;
  /** `<gateway>/<port>`, or one with its listener. */
  readonly routing: string;
  readonly domain: string;
}

type Correction = (routes: readonly PlainRoute[], place: Place) => readonly PlainRoute[];

const ASKED_METHOD = "access-control-request-method";
const NO_BACKEND = "answer 500";
const UNAVAILABLE = 503;

/**
 * How the routes of the original for a host name are brought in line with the specification, by the names that
 * `explained.yaml` gives the reasons for. Ours have to be the same after that, whatever is done with requests.
 */
export const CORRECTIONS: Readonly<Record<string, Correction>> = {
  "narrowest listener": (routes, { specification, routing, domain }) => {
    const owner = specification.listenerOf(routing, domain);
    return routes.filter(({ listener }) => listener === owner?.label);
  },
  "kinds of routes": (routes, { specification, routing, domain }) => {
    const owner = specification.listenerOf(routing, domain);
    const attached = owner === undefined ? [] : specification.attachments.at(owner);
    const names = new Set(attached.map(routePrefix));
    return routes.filter(
      ({ name, listener }) => listener !== owner?.label || names.has(prefixOf(name)),
    );
  },
  "refused rules": (routes, { specification: { objects } }) =>
    routes.filter(({ name }) => {
      const rule = ruleOf(objects, name);
      return rule === undefined || !isRefused(rule);
    }),
  "precedence of matches": (routes, { specification: { objects } }) => {
    const inOrder = byPrecedence(objects);
    return routes.toSorted((a, b) => inOrder(a.name, b.name));
  },
  preflight: (routes, { specification: { objects } }) =>
    routes.map((route) => {
      const value = preflightMethod(objects, route.name);
      if (value === undefined) return route;
      const others = route.headers.filter(({ name }) => name !== ASKED_METHOD);
      const headers = [...others, { name: ASKED_METHOD, kind: "exact" as const, value }];
      const match = routes.find(({ name }) => `${name}${PREFLIGHT}` === route.name) ?? route;
      const { path, queryParams, isGrpc } = route;
      return { ...match, name: route.name, path, queryParams, isGrpc, headers };
    }),
  "protocols of backends": (routes, { specification }) =>
    routes.map((route) => {
      const { parts } = route;
      if (!route.isGrpc || parts?.backends === undefined) return route;
      const isSpoken = ({ to }: { readonly to: string }): boolean =>
        !specification.isSpokenOtherwise(to);
      const backends = parts.backends.map((one) => (isSpoken(one) ? one : { ...one, to: INVALID }));
      const mirrors = parts.mirrors?.filter(isSpoken) ?? [];
      return withParts(route, { ...parts, backends, mirrors });
    }),
  "options of policies": (routes, { specification: { objects } }) =>
    routes.map((route) => {
      const { parts, shares } = route;
      const known = <T extends { readonly to: string }>(all: readonly T[] = []): T[] =>
        all.map((one) => (isOfRefusedPolicy(objects, one.to) ? { ...one, to: INVALID } : one));
      const corrected = (one: ActionParts): ActionParts => ({
        ...one,
        backends: known(one.backends),
        mirrors: known(one.mirrors),
      });
      return {
        ...(parts === undefined ? route : withParts(route, corrected(parts))),
        ...(shares !== undefined && {
          shares: shares.map((one) => ({ ...one, parts: corrected(one.parts) })),
        }),
      };
    }),
  "status of calls": (routes) =>
    routes.map((route) =>
      route.isGrpc && route.action === NO_BACKEND && route.parts !== undefined
        ? withParts(route, { ...route.parts, status: UNAVAILABLE })
        : route,
    ),
};

function withParts(route: PlainRoute, parts: ActionParts): PlainRoute {
  return { ...route, parts, action: actionText(parts) };
}
