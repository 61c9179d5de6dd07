import type { QueryParameterMatcher } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { buildStringMatcher, compileStringMatcher } from "./string-matcher.ts";
import type { StringMatcherConfig } from "./string-matcher.ts";

/** `envoy.config.route.v3.QueryParameterMatcher` as plain data; a test of presence without `string`. */
export interface QueryParameterMatcherConfig {
  readonly name: string;
  readonly present: boolean;
  readonly string: StringMatcherConfig | null;
}

/** `QueryParameterMatcher` as plain data. */
export function compileQueryParameterMatcher(
  message: QueryParameterMatcher,
  ctx: CompileContext,
): QueryParameterMatcherConfig {
  const { queryParameterMatchSpecifier: specifier } = message;
  const name = toByteString(message.name);
  if (specifier.case === "stringMatch") {
    return { name, present: true, string: compileStringMatcher(specifier.value, ctx) };
  }
  return { name, present: specifier.value ?? true, string: null };
}

/** The test of a path with its query. Only the first of equal names counts; nothing is decoded. */
export function buildQueryParameterMatcher(
  config: QueryParameterMatcherConfig,
): (path: string) => boolean {
  const { name, present } = config;
  if (config.string === null) return (path) => (queryParameter(path, name) !== null) === present;
  const matches = buildStringMatcher(config.string);
  return (path) => {
    const value = queryParameter(path, name);
    return value !== null && matches(value);
  };
}

/** The first value of a parameter, empty when it has none; null when it is not there. */
export function queryParameter(path: string, name: string): string | null {
  for (let start = path.indexOf("?") + 1; start > 0 && start < path.length;) {
    const next = path.indexOf("&", start);
    const end = next < 0 ? path.length : next;
    const equals = path.indexOf("=", start);
    const nameEnd = equals < 0 || equals > end ? end : equals;
    if (nameEnd - start === name.length && path.startsWith(name, start))
      return path.slice(nameEnd + 1, end);
    start = end + 1;
  }
  return null;
}
