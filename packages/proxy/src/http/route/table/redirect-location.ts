import type { HeaderMap } from "@nuncio/codec";
import type { FormatClock } from "../../../observe/format/command.ts";
import { buildFormatter } from "../../../observe/format/formatter.ts";
import type { FormatContext } from "../../../observe/stream-info.ts";
import type { RedirectConfig, RouteConfig } from "../model.ts";

/** The `location` of an answer to a request. */
export type Location = (headers: HeaderMap, context: FormatContext) => string;

/** Of a redirect, or of a direct response with a status that wants one; null for none. */
export function buildLocation(action: RouteConfig["action"], clock: FormatClock): Location | null {
  if (action.kind === "direct_response") return wantsLocation(action.status) ? asRequested : null;
  if (action.kind === "route") return null;
  const { pathFormat } = action;
  if (pathFormat === undefined) return (headers) => redirectLocation(action, action.path, headers);
  const formatter = buildFormatter(pathFormat, clock);
  return (headers, context) => redirectLocation(action, formatter.text(context), headers);
}

function wantsLocation(status: number): boolean {
  return status === 201 || (status >= 300 && status <= 399);
}

function asRequested(headers: HeaderMap): string {
  return redirectLocation(AS_REQUESTED, "", headers);
}

type LocationConfig = Pick<RedirectConfig, "scheme" | "host" | "port" | "stripQuery">;

const AS_REQUESTED: LocationConfig = { scheme: "", host: "", port: 0, stripQuery: false };

/** The `location` of a redirect, of a request whose path was rewritten already; `ownPath` may be empty. */
function redirectLocation(config: LocationConfig, ownPath: string, headers: HeaderMap): string {
  const scheme = config.scheme || headers.scheme;
  const port = config.port === 0 ? "" : `:${config.port}`;
  const host = config.host || requestHost(headers, scheme, port !== "");
  const path = redirectPath(ownPath, config.stripQuery, headers.path);
  return `${scheme}://${host}${port}${path.startsWith("/") ? "" : "/"}${path}`;
}

/** A query of the configured path replaces that of the request, and stays whatever `strip_query` says. */
function redirectPath(ownPath: string, stripQuery: boolean, path: string): string {
  if (ownPath.includes("?")) return ownPath;
  const query = path.indexOf("?");
  const plain = ownPath || (query < 0 ? path : path.slice(0, query));
  return query < 0 || stripQuery ? plain : plain + path.slice(query);
}

/** The request's host, without its port when there is a new one, or it was the default port of the scheme left. */
function requestHost(headers: HeaderMap, scheme: string, hasPort: boolean): string {
  const host = headers.authority;
  const colon = host.startsWith("[") ? host.lastIndexOf("]:") + 1 : host.lastIndexOf(":");
  const hasColon = host.startsWith("[") ? colon > 0 : colon >= 0;
  if (!hasColon) return host;
  const protocol = headers.get("x-forwarded-proto") ?? "";
  const isDefault = host.slice(colon) === DEFAULT_PORTS[protocol];
  return hasPort || (scheme !== protocol && isDefault) ? host.slice(0, colon) : host;
}

const DEFAULT_PORTS: { readonly [protocol: string]: string } = { http: ":80", https: ":443" };
