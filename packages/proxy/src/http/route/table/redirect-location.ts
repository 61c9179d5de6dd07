import type { HeaderMap } from "@nuncio/codec";
import type { RedirectConfig } from "../model.ts";

export type LocationConfig = Pick<
  RedirectConfig,
  "scheme" | "host" | "port" | "path" | "stripQuery"
>;

/** The `location` of a redirect, of a request whose path was rewritten already; `ownPath` may be empty. */
export function redirectLocation(
  config: LocationConfig,
  ownPath: string,
  headers: HeaderMap,
): string {
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
