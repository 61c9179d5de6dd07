import { backendOf as shortName } from "../oracle/our-backends.ts";
import { weightsOf } from "../oracle/read-action.ts";
import { isPreflight, requestsFor } from "../oracle/requests.ts";
import { firstRoute, type PlainRoute, type RoutedRequest } from "../oracle/routing.ts";
import type { Backends } from "./backends.ts";
import type { ProbedHost } from "./scene.ts";
import { send } from "./send.ts";

/** So many that chance alone makes a difference of three in a hundred once in some hundred times. */
const REQUESTS = 2_500;
const AT_ONCE = 25;
const TOLERANCE = 0.03;

interface SharedRoute {
  readonly host: ProbedHost;
  readonly request: RoutedRequest;
  readonly route: PlainRoute;
}

/** Routes with more than one backend, and a request for each; of routes with the same weights one. */
export function sharedRoutes(hosts: readonly ProbedHost[]): SharedRoute[] {
  const found = new Map<string, SharedRoute>();
  for (const host of hosts) {
    for (const request of requestsFor(host.routes).filter((one) => !isPreflight(one))) {
      const route = firstRoute(host.routes, request);
      // The text of an action tells of the first share alone.
      const weights = route?.shares === undefined ? [...weightsOf(route?.action ?? "")] : [];
      if (route !== undefined && weights.length > 1)
        found.set(weights.map(([, weight]) => weight).join(" "), { host, request, route });
    }
  }
  return [...found.values()];
}

/** What is wrong with the shares of a route, after it was so twice; undefined: nothing. */
export function wrongShares(
  host: ProbedHost,
  request: RoutedRequest,
  { route, backends }: { readonly route: PlainRoute; readonly backends: Backends },
): Promise<string | undefined> {
  return wrongShare([...weightsOf(route.action)], async () => {
    const counts = await repeatedly(async () => {
      const { headers } = await send(host.target, request, "shares");
      const backend = headers["x-backend"];
      return typeof backend === "string" ? shortName(backend) : "invalid";
    });
    backends.forget("shares");
    return counts;
  });
}

/** Weights, and what was counted: another share than is due, twice; undefined: it is right. */
export async function wrongShare(
  weights: readonly (readonly [to: string, weight: number])[],
  count: () => Promise<ReadonlyMap<string, number>>,
): Promise<string | undefined> {
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  let problem: string | undefined;
  for (let tries = 0; tries < 2; tries += 1) {
    const counts = await count();
    const wrong = weights.find(
      ([to, weight]) => Math.abs((counts.get(to) ?? 0) / REQUESTS - weight / sum) > TOLERANCE,
    );
    if (wrong === undefined) return undefined;
    problem = `${wrong[0]} got ${counts.get(wrong[0]) ?? 0} of ${REQUESTS} with weight ${wrong[1]} of ${sum}`;
  }
  return problem;
}

/** How often each answer came. */
export async function repeatedly(ask: () => Promise<string>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let sent = 0; sent < REQUESTS; sent += AT_ONCE)
    for (const to of await Promise.all(Array.from({ length: AT_ONCE }, ask)))
      counts.set(to, (counts.get(to) ?? 0) + 1);
  return counts;
}
