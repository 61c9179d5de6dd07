import { Hash64 } from "../../base/hash64.ts";
import { xxHash64 } from "../../base/xx-hash64.ts";
import { clientAddress, type DownstreamInfo } from "../../observe/stream-info.ts";
import type { SessionCookieConfig } from "./model.ts";

/**
 * The value of every cookie that is made for a connection, as in Envoy: requests that race on it agree. It is the hash of
 * the addresses of both ends.
 */
export function sessionCookieValue(downstream: DownstreamInfo): string {
  HASH.set(0, 0);
  xxHash64(clientAddress(downstream).text + downstream.localAddress.text, HASH);
  return HASH.toHex();
}

/** Used by one call at a time. */
const HASH = new Hash64();

/** The value of `set-cookie`. Scripts never see the cookie. */
export function setCookieLine(
  name: string,
  value: string,
  { maxAgeS, path, attributes }: SessionCookieConfig,
): string {
  let line = `${name}="${value}"`;
  if (maxAgeS > 0) line += `; Max-Age=${maxAgeS}`;
  if (path !== "") line += `; Path=${path}`;
  for (const attribute of attributes)
    line += `; ${attribute.name}${attribute.value === "" ? "" : `=${attribute.value}`}`;
  return `${line}; HttpOnly`;
}
