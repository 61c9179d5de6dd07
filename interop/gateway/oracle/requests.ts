import {
  takes,
  wholeText,
  type PlainRoute,
  type RoutedRequest,
  type ValueMatch,
} from "./routing.ts";

/** Texts for patterns: one of them is taken that the pattern matches. */
const SAMPLES =
  "/one/two /two /foo.Bar/Get blue 42 a abc 1 / /a /v1/a /foo/bar example foo bar test v1 x".split(
    " ",
  );

const ASKED_METHOD = "access-control-request-method";

/**
 * Requests that try routes: for each one that it takes, and some that it just does not take. A route whose pattern none of
 * our texts match has none.
 */
export function requestsFor(routes: readonly PlainRoute[]): RoutedRequest[] {
  const requests = new Map<string, RoutedRequest>();
  for (const route of routes) {
    const request = satisfying(route);
    if (request === undefined) continue;
    const tried = [request, ...nearMisses(route, request), ...fromOtherOrigins(route, request)];
    for (const one of tried) requests.set(requestText(one), one);
  }
  for (const one of betweenRoutes(routes)) requests.set(requestText(one), one);
  return [...requests.values()];
}

/** Those that two routes take: which of them goes first decides. */
function betweenRoutes(routes: readonly PlainRoute[]): RoutedRequest[] {
  const satisfied = routes.flatMap((route) => {
    const request = satisfying(route);
    return request === undefined ? [] : [{ route, request }];
  });
  return satisfied.flatMap((a, i) =>
    satisfied
      .slice(i + 1)
      .map((b) => [a, b, together(a, b)] as const)
      .filter(([, b, request]) => takes(a.route, request) && takes(b.route, request))
      .map(([, , request]) => request),
  );
}

interface Satisfied {
  readonly route: PlainRoute;
  readonly request: RoutedRequest;
}

function together(a: Satisfied, b: Satisfied): RoutedRequest {
  const [one, other] = [a.request, b.request];
  const hasMethod = a.route.headers.some(({ name }) => name === ":method");
  return {
    method: hasMethod ? one.method : other.method,
    path: one.path.length > other.path.length ? one.path : other.path,
    headers: { ...one.headers, ...other.headers },
    queryParams: { ...one.queryParams, ...other.queryParams },
  };
}

/** A request as one text. */
export function requestText({ method, path, headers, queryParams }: RoutedRequest): string {
  const query = pairs(queryParams, "=", "&");
  const shown = `${method} ${path}${query === "" ? "" : `?${query}`}`;
  const fields = pairs(headers, ": ", ", ");
  return fields === "" ? shown : `${shown} (${fields})`;
}

function pairs(values: Readonly<Record<string, string>>, equals: string, between: string): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}${equals}${value}`)
    .join(between);
}

function satisfying(route: PlainRoute): RoutedRequest | undefined {
  const { path, isGrpc } = route;
  const suffix = route.headers.find(({ name }) => name === ":path")?.value;
  const conditions = route.headers.filter(({ name }) => !name.startsWith(":"));
  const headers = conditions.map((match) => [match.name.toLowerCase(), sampleOf(match)]);
  const queryParams = route.queryParams.map((match) => [match.name, sampleOf(match)]);
  const ownPath =
    path.kind === "regex"
      ? sampleOf({ kind: "regex", value: path.value })
      : `${path.value}${suffix === undefined ? "" : `any.Service${suffix}`}`;
  if (
    ownPath === undefined ||
    [...headers, ...queryParams].some(([, value]) => value === undefined)
  )
    return undefined;
  const method = route.headers.find(({ name }) => name === ":method")?.value;
  return {
    method: method ?? (isGrpc ? "POST" : "GET"),
    path: ownPath,
    headers: {
      ...(Object.fromEntries(headers) as Record<string, string>),
      ...(isGrpc && { "content-type": "application/grpc" }),
    },
    queryParams: Object.fromEntries(queryParams) as Record<string, string>,
  };
}

function sampleOf({ kind, value }: Pick<ValueMatch, "kind" | "value">): string | undefined {
  if (kind !== "regex") return value;
  const pattern = wholeText(value);
  return SAMPLES.find((sample) => pattern.test(sample));
}

/** Each differs in one thing. */
function nearMisses({ path }: PlainRoute, request: RoutedRequest): RoutedRequest[] {
  const { method, headers, queryParams } = request;
  const misses: RoutedRequest[] = [
    { ...request, method: method === "PUT" ? "PATCH" : "PUT" },
    { ...request, path: request.path === "/" ? "/elsewhere" : `${request.path}x` },
  ];
  if (path.kind !== "regex")
    misses.push({ ...request, path: `${path.value.replace(/\/$/, "")}/below` });
  if (request.path.length > 1 && request.path.endsWith("/"))
    misses.push({ ...request, path: request.path.slice(0, -1) });
  for (const name of Object.keys(headers)) {
    misses.push({ ...request, headers: without(headers, name) });
    misses.push({ ...request, headers: { ...headers, [name]: "something-else" } });
  }
  for (const name of Object.keys(queryParams)) {
    misses.push({ ...request, queryParams: without(queryParams, name) });
    misses.push({ ...request, queryParams: { ...queryParams, [name]: "something-else" } });
  }
  return misses;
}

/** Whether a browser asks if it may send a request. */
export function isPreflight({ method, headers }: RoutedRequest): boolean {
  return method === "OPTIONS" && headers[ASKED_METHOD] !== undefined;
}

/** What browsers send for pages of origins that a route allows, and that it does not. */
function fromOtherOrigins({ action }: PlainRoute, request: RoutedRequest): RoutedRequest[] {
  const [, allowed] = /; cors (\S*)/.exec(action) ?? [];
  if (allowed === undefined) return [];
  const [first = ""] = allowed.split(",");
  const origins = [first.replaceAll(/\.\*|\\/g, (found) => (found === ".*" ? "page" : ""))];
  return [...origins, "https://stranger.test"].flatMap((origin) => [
    { ...request, headers: { ...request.headers, origin } },
    {
      ...request,
      method: "OPTIONS",
      headers: { ...request.headers, origin, [ASKED_METHOD]: request.method },
    },
  ]);
}

function without(values: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([other]) => other !== name));
}
