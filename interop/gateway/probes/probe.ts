import { until } from "../../harness/until.ts";
import { INVALID } from "../oracle/connections.ts";
import { mirrorsOf } from "../oracle/read-action.ts";
import type { PlainRoute, RoutedRequest } from "../oracle/routing.ts";
import { PROBE_HEADER, type Backends, type SeenRequest } from "./backends.ts";
import type { ProbedHost } from "./scene.ts";
import { send, type Answer } from "./send.ts";

/** Headers that tell of the way and not of the route. */
const UNSTEADY =
  /^(date|server|connection|content-length|transfer-encoding|x-request-id|x-forwarded-for|x-envoy-.*|keep-alive|te|host|cookie)$/;
const MIRRORED_WITHIN_MS = 4_000;

/** What came of a request, as facts that do not depend on the proxy. */
export type Outcome = Readonly<Record<string, unknown>>;

/** Sends one request through a proxy, and waits for what the route mirrors. */
export async function probe(
  { target }: ProbedHost,
  request: RoutedRequest,
  { id, route, backends }: { id: string; route: PlainRoute | undefined; backends: Backends },
): Promise<Outcome> {
  const answer = await send(target, request, id);
  // Others are mirrored at times, or to nobody.
  const mirrors = mirrorsOf(route?.action ?? "").filter(
    (one) => one.endsWith("*100%") && one !== `${INVALID}*100%`,
  );
  const wanted = mirrors.length + (answer.headers["x-backend"] === undefined ? 0 : 1);
  await until(
    `${wanted} backends got ${id}`,
    () => backends.seen(id).length >= wanted,
    MIRRORED_WITHIN_MS,
  );
  const seen = backends.seen(id);
  backends.forget(id);
  const port = String(target.port);
  return outcomeOf(answer, seen, (text) => text.replaceAll(port, "<port>"));
}

function outcomeOf(
  { status, headers }: Answer,
  seen: readonly SeenRequest[],
  steady: (text: string) => string,
): Outcome {
  const got = seen.map(({ backend, method, path, host, headers: fields }) => {
    const own = steadyFields(fields).filter(([name]) => name !== PROBE_HEADER);
    return steady(
      JSON.stringify({ backend, method, path, host, headers: Object.fromEntries(own) }),
    );
  });
  return {
    status,
    headers: steady(JSON.stringify(Object.fromEntries(steadyFields(headers)))),
    got: got.toSorted(),
  };
}

function steadyFields(fields: object): (readonly [string, unknown])[] {
  return Object.entries(fields)
    .filter(([name]) => !UNSTEADY.test(name))
    .map(([name, value]) => [name, name === "set-cookie" ? steadyCookies(value) : value] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** A session's cookie has the second in which it ends beside the address of its backend. */
function steadyCookies(cookies: unknown): unknown {
  if (!Array.isArray(cookies)) return cookies;
  return cookies.map((cookie) =>
    String(cookie).replace(/"([\w+/=-]+)"/, (_, value: string) => {
      const text = Buffer.from(value, "base64").toString("latin1");
      return `"${/[\d.]+:\d+/.exec(text)?.[0] ?? value}"`;
    }),
  );
}
