import type { CookieMatcher } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { HeaderMap } from "@nuncio/codec";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { buildStringMatcher, compileStringMatcher } from "./string-matcher.ts";
import type { StringMatcherConfig } from "./string-matcher.ts";

/** `envoy.config.route.v3.CookieMatcher` as plain data. */
export interface CookieMatcherConfig {
  readonly name: string;
  readonly invert: boolean;
  readonly string: StringMatcherConfig;
}

/** Null when it has no `string_match`, which validate.rules refuse. */
export function compileCookieMatcher(
  message: CookieMatcher,
  ctx: CompileContext,
): CookieMatcherConfig | null {
  if (message.stringMatch === undefined) return null;
  return {
    name: toByteString(message.name),
    invert: message.invertMatch,
    string: compileStringMatcher(message.stringMatch, ctx),
  };
}

/** The test of a request's cookies. A cookie that is not there does not match, and so does when inverted. */
export function buildCookieMatcher(config: CookieMatcherConfig): (headers: HeaderMap) => boolean {
  const { name, invert } = config;
  const matches = buildStringMatcher(config.string);
  return (headers) => {
    const value = cookie(headers, name);
    return (value !== null && matches(value)) !== invert;
  };
}

/** The first cookie of that name over all `cookie` lines, without double quotes around it; null when there is none. */
export function cookie(headers: HeaderMap, name: string): string | null {
  const { entries } = headers;
  for (let i = 0; i < entries.length; i += 2) {
    if (entries[i] !== "cookie") continue;
    const value = cookieOfLine(entries[i + 1]!, name);
    if (value !== null) return value;
  }
  return null;
}

function cookieOfLine(line: string, name: string): string | null {
  for (let start = 0; start < line.length;) {
    const next = line.indexOf(";", start);
    const end = next < 0 ? line.length : next;
    while (start < end && line[start] === " ") start++;
    const equals = line.indexOf("=", start);
    if (equals === start + name.length && equals < end && line.startsWith(name, start)) {
      return unquoted(line.slice(equals + 1, end));
    }
    start = end + 1;
  }
  return null;
}

function unquoted(value: string): string {
  const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
  return isQuoted ? value.slice(1, -1) : value;
}
