import type { IrRedirect } from "../../../ir/route.ts";
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

/**
 * A redirect as a listener gives it: the port is that of the scheme if the filter has one, otherwise the listener's. One
 * that clients know is not told, unless the host is the request's, which may have come with the listener's port.
 */
export function redirectOfListener(
  action: IrRedirect,
  listener: { readonly protocol: string; readonly port: number },
): IrRedirect {
  const { port: asked, ...rest } = action;
  const scheme = action.scheme ?? (listener.protocol === "HTTPS" ? "https" : "http");
  const port = asked ?? (action.scheme === undefined ? listener.port : WELL_KNOWN[scheme]);
  const mayKeepPort =
    action.hostname === undefined && !Object.values(WELL_KNOWN).includes(listener.port);
  const isKnown = port === WELL_KNOWN[scheme] && !mayKeepPort;
  return port === undefined || isKnown ? rest : { ...rest, port };
}
