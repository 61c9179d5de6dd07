import type { ActionParts } from "./actions.ts";
import type { RouteShare } from "./route-shares.ts";

/** A condition on a header or a parameter of the query. */
export interface ValueMatch {
  readonly name: string;
  readonly kind: "exact" | "regex" | "suffix";
  readonly value: string;
}

/** A route in a form that both translators' can be brought to. */
export interface PlainRoute {
  /** `httproute/<namespace>/<name>/rule/<i>/match/<j>` */
  readonly name: string;
  readonly path: { readonly kind: "exact" | "prefix" | "regex"; readonly value: string };
  /** `:method` and `:path` among them. */
  readonly headers: readonly ValueMatch[];
  readonly queryParams: readonly ValueMatch[];
  readonly isGrpc: boolean;
  /** All that is done with a request, as one text. */
  readonly action: string;
  /** What `action` is the text of, where more than that is to be known. */
  readonly parts?: ActionParts;
  /** Where some of its backends have filters of their own; `parts` is that of the first one then. */
  readonly shares?: readonly RouteShare[];
  /** See `listenerLabel`; where it is known. */
  readonly listener?: string;
}

/** Routes by domain, in their order. */
export type Domains = ReadonlyMap<string, readonly PlainRoute[]>;

/** By `<gateway>/<port>` for HTTP and `<gateway>/<port>/<listener>` for HTTPS. */
export type Routing = ReadonlyMap<string, Domains>;

/** What of a request decides about its route. */
export interface RoutedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly queryParams: Readonly<Record<string, string>>;
}

/** The first route that takes a request. */
export function firstRoute(
  routes: readonly PlainRoute[],
  request: RoutedRequest,
): PlainRoute | undefined {
  return routes.find((route) => takes(route, request));
}

/** A pattern of RE2 that has to match all. `(?i)` holds to the end of the pattern. */
export function wholeText(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern.replace(/\(\?i\)(.*)$/, "(?i:$1)")})$`);
}

/** Whether a request satisfies all that a route asks for. */
export function takes(
  route: PlainRoute,
  { method, path, headers, queryParams }: RoutedRequest,
): boolean {
  const all: Readonly<Record<string, string>> = {
    ...headers,
    ":method": method,
    ":path": path,
  };
  return (
    takesPath(route.path, path) &&
    (!route.isGrpc || headers["content-type"] === "application/grpc") &&
    route.headers.every((match) => takesValue(match, all[match.name.toLowerCase()])) &&
    route.queryParams.every((match) => takesValue(match, queryParams[match.name]))
  );
}

function takesPath({ kind, value }: PlainRoute["path"], path: string): boolean {
  if (kind === "exact") return path === value;
  if (kind === "regex") return wholeText(value).test(path);
  const prefix = value.replace(/\/+$/, "");
  return path === prefix || path.startsWith(`${prefix}/`);
}

function takesValue({ kind, value }: ValueMatch, given: string | undefined): boolean {
  if (given === undefined) return false;
  if (kind === "exact") return given === value;
  return kind === "suffix" ? given.endsWith(value) : wholeText(value).test(given);
}
