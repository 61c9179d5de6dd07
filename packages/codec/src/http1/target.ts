import type { CodecError } from "../callbacks.ts";
import type { HeaderMap } from "../header-map.ts";
import { HOST_CHAR } from "./char-classes.ts";
import { Http1Error } from "./errors.ts";
import type { Http1Options } from "./options.ts";

const SLASH = 47;
const COLON = 58;
const QUESTION = 63;

/**
 * Reads a request target other than origin-form (RFC 9112 3.2) into path, authority and scheme.
 * The target replaces what `Host` said. `headers.method` is set already.
 */
export function readTarget(
  headers: HeaderMap,
  target: string,
  options: Http1Options,
): CodecError | null {
  if (headers.method === "CONNECT") return readAuthorityForm(headers, target);
  if (target === "*") {
    headers.path = target;
    return headers.method === "OPTIONS" ? null : Http1Error.InvalidUrl;
  }
  const separator = target.indexOf("://");
  if (separator < 1) return Http1Error.CodecError;
  if (!options.allowAbsoluteUrl) {
    headers.path = target;
    return null;
  }
  const scheme = target.slice(0, separator).toLowerCase();
  if (scheme !== "http" && scheme !== "https") return Http1Error.InvalidScheme;
  const error = readAbsoluteForm(headers, scheme, target, separator + 3);
  return error === null && scheme === "https" && options.refuseHttpsTarget
    ? Http1Error.HttpsTarget
    : error;
}

function readAuthorityForm(headers: HeaderMap, target: string): CodecError | null {
  if (!isAuthority(target) || !(portOf(target) <= PORT_MAX)) return Http1Error.InvalidUrl;
  headers.authority = target;
  return null;
}

function readAbsoluteForm(
  headers: HeaderMap,
  scheme: string,
  target: string,
  start: number,
): CodecError | null {
  let end = start;
  while (end < target.length) {
    const code = target.charCodeAt(end);
    if (code === SLASH || code === QUESTION || code === HASH) break;
    end++;
  }
  const authority = target.slice(start, end);
  // RFC 9110 4.2.4: user information in an http URI is an error; `isAuthority` takes no "@".
  if (authority === "" || !isAuthority(authority)) return Http1Error.InvalidUrl;
  headers.scheme = scheme;
  headers.authority = authority;
  // RFC 9112 3.2.2: an empty path is "/" when sent on in origin-form.
  headers.path = target.charCodeAt(end) === SLASH ? target.slice(end) : `/${target.slice(end)}`;
  return null;
}

/** NaN without one. `authority` is valid. */
function portOf(authority: string): number {
  const colon = authority.lastIndexOf(":");
  if (colon <= authority.lastIndexOf("]") || colon === authority.length - 1) return Number.NaN;
  return Number(authority.slice(colon + 1));
}

/** `uri-host [":" port]` (RFC 9110 7.2), which may be empty: no user information, only digits as a port. */
export function isAuthority(text: string): boolean {
  let at = 0;
  if (text.charCodeAt(0) === OPEN_BRACKET) {
    at = text.indexOf("]") + 1;
    if (at === 0 || !isIpLiteral(text, at - 1)) return false;
  } else {
    while (at < text.length && HOST_CHAR[text.charCodeAt(at)] === 1) at++;
  }
  if (at === text.length) return true;
  if (text.charCodeAt(at) !== COLON) return false;
  for (at++; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** Between the brackets: an IPv6 address, or a later version of one; a resolver judges the details. */
function isIpLiteral(text: string, end: number): boolean {
  if (end === 1) return false;
  for (let i = 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code !== COLON && HOST_CHAR[code] !== 1) return false;
  }
  return true;
}

const HASH = 35;
const PORT_MAX = 65_535;
const OPEN_BRACKET = 91;
