import type { CodecError } from "../callbacks.ts";
import type { HeaderMap } from "../header-map.ts";
import { HOST_CHAR, URL_HOST_CHAR } from "./char-classes.ts";
import { Http1Error } from "./errors.ts";
import { isIpv6Text } from "./ipv6-text.ts";
import type { Http1Options } from "./options.ts";

const ASTERISK = 42;
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
  const asterisk = target.charCodeAt(0) === ASTERISK;
  if (asterisk && (headers.method === "OPTIONS" || !options.allowAbsoluteUrl)) {
    headers.path = target;
    return null;
  }
  if (asterisk) return Http1Error.InvalidUrl;
  const separator = target.indexOf("://");
  if (!SCHEME.test(target.slice(0, Math.max(0, separator)))) return Http1Error.CodecError;
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
  if (!isUrlAuthority(target) || !hasPort(target)) return Http1Error.InvalidUrl;
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
  // Behind a path a fragment is the owner's to refuse; here Envoy does not see a URI at all.
  if (target.charCodeAt(end) === HASH) return Http1Error.CodecError;
  if (!isHostValue(authority)) return Http1Error.CodecError;
  // RFC 9110 4.2.4: user information in an http URI is an error, and no host has an "@".
  if (!isUrlAuthority(authority)) return Http1Error.InvalidUrl;
  headers.scheme = scheme;
  headers.authority = authority;
  // RFC 9112 3.2.2: an empty path is "/" when sent on in origin-form.
  headers.path = target.charCodeAt(end) === SLASH ? target.slice(end) : `/${target.slice(end)}`;
  return null;
}

/** Whether a valid authority ends in a port. */
function hasPort(authority: string): boolean {
  return authority.lastIndexOf(":") > authority.lastIndexOf("]");
}

/**
 * Whether a `Host` has only the characters that Envoy lets stand there; it may be empty. What they make is not looked
 * at, as in Envoy: whoever reads a port or an address out of it takes anything else for a part of the name.
 */
export function isHostValue(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (HOST_CHAR[text.charCodeAt(at)] !== 1) return false;
  }
  return true;
}

/** `host [":" port]` as Envoy takes it in a request target: letters, digits, `-` and `.`, or an IPv6 address in brackets. */
function isUrlAuthority(text: string): boolean {
  let at = 0;
  if (text.charCodeAt(0) === OPEN_BRACKET) {
    at = text.indexOf("]") + 1;
    if (at === 0 || !isIpv6Text(text.slice(1, at - 1))) return false;
  } else {
    while (at < text.length && URL_HOST_CHAR[text.charCodeAt(at)] === 1) at++;
    if (at === 0) return false;
  }
  if (at === text.length) return true;
  return text.charCodeAt(at) === COLON && isPort(text, at + 1);
}

/** Digits up to the end, at least one, at most 65,535. */
function isPort(text: string, start: number): boolean {
  let port = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
    port = port * 10 + code - 48;
    if (port > PORT_MAX) return false;
  }
  return start < text.length;
}

/** RFC 3986 3.1. */
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const HASH = 35;
const PORT_MAX = 65_535;
const OPEN_BRACKET = 91;
