import type { IrRedirect, IrRoute, IrStringMatch } from "../../../ir/route.ts";
import type { HttpRouteMatch, RequestRedirectFilter } from "../objects.ts";
import type { RuleFaults } from "./faults.ts";
import { pathChange } from "./path-change.ts";

const STATUS_CODES = [301, 302, 303, 307, 308] as const;
/** HTTPRequestRedirectFilter.statusCode */
const DEFAULT_STATUS_CODE = 302;

/** A redirect, whose port is left to the listener unless the filter says it. */
export function redirect(
  filter: RequestRedirectFilter,
  context: { matches: readonly HttpRouteMatch[]; where: string; faults: RuleFaults },
): IrRedirect {
  const { where, faults } = context;
  const { scheme, hostname, path, port, statusCode = DEFAULT_STATUS_CODE } = filter;
  const known = STATUS_CODES.find((code) => code === statusCode);
  if (known === undefined)
    faults.unsupported(where, `expected statusCode ${STATUS_CODES.join(", ")}, got ${statusCode}`);
  if (scheme !== undefined && scheme !== "http" && scheme !== "https")
    faults.unsupported(where, `expected scheme http or https, got ${scheme}`);
  return {
    kind: "redirect",
    statusCode: known ?? DEFAULT_STATUS_CODE,
    ...(scheme !== undefined && { scheme }),
    ...(hostname !== undefined && { hostname }),
    ...(port !== undefined && { port }),
    ...(path !== undefined && {
      path: pathChange(path, { ...context, where: `${where}.path` }),
    }),
  };
}

/** The ports that need not be told. */
const WELL_KNOWN: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** The requests whose host names a port, which a redirect without a port of its own would keep. */
const WITH_PORT: IrStringMatch = { name: ":authority", kind: "regex", value: ".*:[0-9]+" };

/** What a redirect has to know of a listener. */
export interface ListenerPort {
  readonly protocol: string;
  readonly port: number;
}

/**
 * A route with a redirect, as a listener gives it: the port is that of the scheme if the filter has one, otherwise the
 * listener's. One that clients know is not told. Where the host is the request's, and may have come with the listener's
 * port, such requests have a route of their own that tells it.
 */
export function redirectsOfListener(
  route: IrRoute,
  action: IrRedirect,
  listener: ListenerPort,
): IrRoute[] {
  const { port: asked, ...rest } = action;
  const scheme = action.scheme ?? (listener.protocol === "HTTPS" ? "https" : "http");
  const port = asked ?? (action.scheme === undefined ? listener.port : WELL_KNOWN[scheme]);
  const told = { ...route, action: port === undefined ? rest : { ...rest, port } };
  if (port !== WELL_KNOWN[scheme]) return [told];
  const untold = { ...route, action: rest };
  const mayKeepPort =
    action.hostname === undefined && !Object.values(WELL_KNOWN).includes(listener.port);
  if (!mayKeepPort) return [untold];
  const match = { ...route.match, headers: [...route.match.headers, WITH_PORT] };
  return [{ ...told, match, name: `${route.name}/with-port` }, untold];
}
