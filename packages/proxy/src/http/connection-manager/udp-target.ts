import { isIPv6 } from "node:net";
import type { HeaderMap } from "@nuncio/codec";

/** The upgrade that asks for UDP (RFC 9298), in lower case. */
export const CONNECT_UDP = "connect-udp";

/** RFC 9298 2: the template that clients take unless they are told another one. */
const TARGET = /^\/\.well-known\/masque\/udp\/([^/?]+)\/([^/?]+)\/$/;
/** What may stand in an authority unescaped (RFC 3986 3.2.2); the zone of an address may not (RFC 9298 2). */
const NAME = /^[\w.~!$&'()*+,;=-]+$/;
const BRACKETED = /^\[(.*)\]$/;

/** Makes the target that the path names the request's authority, as Envoy does; false when it names none. */
export function nameUdpTarget(headers: HeaderMap): boolean {
  const [, escapedHost = "", escapedPort = ""] = TARGET.exec(headers.path) ?? [];
  const host = unescape(escapedHost);
  const port = unescape(escapedPort);
  if (host === null || port === null || !isPort(port)) return false;
  const inner = BRACKETED.exec(host)?.[1] ?? host;
  if (isIPv6(inner) && !inner.includes("%")) {
    headers.authority = `[${inner}]:${port}`;
    return true;
  }
  if (!NAME.test(host)) return false;
  headers.authority = `${host}:${port}`;
  return true;
}

/** Null for what is not escaped well. */
function unescape(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= 65_535;
}
