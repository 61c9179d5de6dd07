import {
  actionText,
  headersText,
  KNOWN_PORTS,
  type ActionParts,
  type PathParts,
} from "./actions.ts";
import { listenerLabel } from "./listener-label.ts";
import type { RouteShare } from "./route-shares.ts";
import type { PlainRoute, Routing, ValueMatch } from "./routing.ts";
import {
  featureParts,
  milliseconds,
  theirBackend,
  type TheirBackend,
  type TheirFeatures,
} from "./their-features.ts";

/** What Envoy Gateway's representation says of a gateway's routes of HTTP. */
export interface TheirHttp {
  readonly http?: readonly TheirListener[];
}

interface TheirListener {
  /** `<namespace>/<gateway>/<listener>`, with the ListenerSet before the listener if it is of one. */
  readonly name: string;
  readonly externalPort: number;
  readonly tls?: object;
  readonly routes?: readonly TheirRoute[];
}

interface TheirMatch {
  readonly name: string;
  readonly exact?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly safeRegex?: string;
}

interface TheirHeader {
  readonly name: string;
  readonly value?: readonly string[];
  readonly append: boolean;
}

interface TheirHeaders {
  readonly addRequestHeaders?: readonly TheirHeader[];
  readonly removeRequestHeaders?: readonly string[];
  readonly addResponseHeaders?: readonly TheirHeader[];
  readonly removeResponseHeaders?: readonly string[];
}

interface TheirPath {
  readonly fullReplace?: string | null;
  readonly prefixMatchReplace?: string | null;
}

interface TheirHttpBackend extends TheirBackend {
  readonly filters?: TheirHeaders & Pick<TheirRoute, "urlRewrite">;
}

interface TheirRoute extends TheirHeaders, TheirFeatures {
  /** Ends in the host name, dots as `_`. */
  readonly name: string;
  readonly hostname: string;
  readonly isHTTP2?: boolean;
  readonly pathMatch?: TheirMatch;
  readonly headerMatches?: readonly TheirMatch[];
  readonly queryParamMatches?: readonly TheirMatch[];
  readonly destination?: { readonly settings?: readonly TheirHttpBackend[] };
  readonly directResponse?: { readonly statusCode: number };
  readonly redirect?: {
    readonly scheme?: string;
    readonly hostname?: string;
    readonly port?: number;
    readonly statusCode?: number;
    readonly path?: TheirPath;
  };
  readonly urlRewrite?: { readonly host?: { readonly name?: string }; readonly path?: TheirPath };
  readonly mirrors?: readonly {
    readonly destination?: { readonly settings?: readonly TheirHttpBackend[] };
    readonly percentage?: number;
    readonly fraction?: { readonly numerator: number; readonly denominator?: number };
  }[];
  readonly timeout?: string;
  readonly traffic?: {
    readonly timeout?: { readonly http?: { readonly requestTimeout?: string } };
  };
}

/** The routing that Envoy Gateway's representation has: `xdsIR` of what it answers. */
export function theirRouting(gateways: Readonly<Record<string, TheirHttp>>): Routing {
  const routing = new Map<string, Map<string, PlainRoute[]>>();
  for (const [gateway, { http = [] }] of Object.entries(gateways)) {
    for (const { name, externalPort, tls, routes = [] } of http) {
      const port = `${gateway}/${externalPort}`;
      const listener = listenerLabel(name);
      const key = tls === undefined ? port : `${port}/${listener}`;
      const domains = routing.get(key) ?? new Map<string, PlainRoute[]>();
      routing.set(key, domains);
      for (const route of routes) {
        const list = domains.get(route.hostname) ?? [];
        domains.set(route.hostname, list);
        list.push({ ...plainRoute(route, { externalPort }), listener });
      }
    }
  }
  return routing;
}

function plainRoute(route: TheirRoute, listener: ListenerPort): PlainRoute {
  const { name, pathMatch, headerMatches = [], queryParamMatches = [], isHTTP2 } = route;
  const parts = actionParts(route, listener);
  const shares = backendShares(route, parts);
  return {
    // A rule without matches counts as one with a match.
    name: name.slice(0, name.lastIndexOf("/")).replace(/-1$/, "0"),
    path: pathOf(pathMatch),
    headers: headerMatches.map(valueMatch),
    queryParams: queryParamMatches.map(valueMatch),
    isGrpc: isHTTP2 === true,
    action: actionText(parts),
    parts,
    ...(shares !== undefined && { shares }),
  };
}

/** Where backends have rewrites of their own: what they say goes before what the route says. */
function backendShares(
  { destination, urlRewrite }: TheirRoute,
  parts: ActionParts,
): RouteShare[] | undefined {
  const settings = destination?.settings ?? [];
  if (settings.every(({ filters }) => filters?.urlRewrite === undefined)) return undefined;
  return settings.map((backend) => {
    const rewrite = { ...urlRewrite, ...backend.filters?.urlRewrite };
    return {
      weight: backend.weight ?? 1,
      parts: {
        ...parts,
        backends: [{ ...backendParts(backend), weight: 1 }],
        rewrite: rewriteParts(rewrite),
      },
    };
  });
}

function pathOf(match: TheirMatch | undefined): PlainRoute["path"] {
  if (match?.exact !== undefined) return { kind: "exact", value: match.exact };
  if (match?.safeRegex !== undefined) return { kind: "regex", value: match.safeRegex };
  return { kind: "prefix", value: match?.prefix ?? "/" };
}

function valueMatch({ name, exact, suffix, safeRegex }: TheirMatch): ValueMatch {
  if (exact !== undefined) return { name, kind: "exact", value: exact };
  if (suffix !== undefined) return { name, kind: "suffix", value: suffix };
  return { name, kind: "regex", value: safeRegex ?? "" };
}

type ListenerPort = Pick<TheirListener, "externalPort">;

function actionParts(route: TheirRoute, listener: ListenerPort): ActionParts {
  const { destination, directResponse, redirect, urlRewrite, mirrors = [], timeout } = route;
  const wholeTimeout = timeout ?? route.traffic?.timeout?.http?.requestTimeout;
  return {
    requestHeaders: requestHeaders(route),
    responseHeaders: responseHeaders(route),
    ...(directResponse !== undefined && { status: directResponse.statusCode }),
    ...(redirect !== undefined && { redirect: redirectParts(redirect, listener) }),
    backends: (destination?.settings ?? []).map(backendParts),
    mirrors: mirrors.flatMap(mirrorParts),
    ...(urlRewrite !== undefined && {
      rewrite: rewriteParts(urlRewrite),
    }),
    timeoutMs: milliseconds(wholeTimeout),
    ...featureParts(route),
  };
}

function redirectParts(
  { statusCode = 302, scheme, hostname, port, path }: NonNullable<TheirRoute["redirect"]>,
  { externalPort }: ListenerPort,
): NonNullable<ActionParts["redirect"]> {
  return {
    statusCode,
    scheme,
    hostname,
    port: port ?? (scheme === undefined ? externalPort : KNOWN_PORTS[scheme]),
    path: pathParts(path),
  };
}

function rewriteParts({
  host,
  path,
}: NonNullable<TheirRoute["urlRewrite"]>): NonNullable<ActionParts["rewrite"]> {
  return { hostname: host?.name, path: pathParts(path) };
}

function backendParts(backend: TheirHttpBackend): NonNullable<ActionParts["backends"]>[number] {
  const { weight = 1, filters = {} } = backend;
  const headers = [requestHeaders(filters), responseHeaders(filters)].join("|");
  return { to: theirBackend(backend), weight, headers: headers === "|" ? "" : headers };
}

function mirrorParts({
  destination,
  percentage,
  fraction,
}: NonNullable<TheirRoute["mirrors"]>[number]): { to: string; percent: number }[] {
  const percent =
    fraction === undefined ? 100 : (100 * fraction.numerator) / (fraction.denominator ?? 100);
  return (destination?.settings ?? []).map((backend) => ({
    to: theirBackend(backend),
    percent: percentage ?? percent,
  }));
}

function requestHeaders({ addRequestHeaders, removeRequestHeaders }: TheirHeaders): string {
  return changes(addRequestHeaders, removeRequestHeaders);
}

function responseHeaders({ addResponseHeaders, removeResponseHeaders }: TheirHeaders): string {
  return changes(addResponseHeaders, removeResponseHeaders);
}

function changes(headers: readonly TheirHeader[] = [], remove: readonly string[] = []): string {
  const valuesOf = (wanted: boolean): [string, string][] =>
    headers
      .filter(({ append }) => append === wanted)
      .map(({ name, value = [] }) => [name, value.join(",")]);
  return headersText({ set: valuesOf(false), add: valuesOf(true), remove });
}

function pathParts({ fullReplace, prefixMatchReplace }: TheirPath = {}): PathParts {
  return { full: fullReplace ?? undefined, prefix: prefixMatchReplace ?? undefined };
}
