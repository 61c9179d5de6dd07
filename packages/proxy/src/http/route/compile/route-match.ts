import type { RouteMatch } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { lowerAscii } from "../matchers/ascii.ts";
import { compileCookieMatcher } from "../matchers/cookie-matcher.ts";
import { compileHeaderMatcher } from "../matchers/header-matcher.ts";
import { compileQueryParameterMatcher } from "../matchers/query-parameter-matcher.ts";
import type { PathMatchConfig, RouteMatchConfig } from "../model.ts";
import { compileRegex } from "../regex/compile-regex.ts";

/** By `envoy.type.v3.FractionalPercent.DenominatorType`. */
const DENOMINATORS = [100, 10_000, 1_000_000];

/** Null for a match without a path: validate.rules, or the table of implemented fields, refuse it. */
export function compileRouteMatch(
  message: RouteMatch,
  ctx: CompileContext,
): RouteMatchConfig | null {
  const path = compilePath(message, ctx);
  if (path === null) return null;
  const { headers, queryParameters, cookies } = message;
  // No layer of runtime can change the default yet.
  const fraction = message.runtimeFraction?.defaultValue;
  return {
    path,
    ...(headers.length > 0 && {
      headers: headers.map((matcher) => compileHeaderMatcher(matcher, ctx)),
    }),
    ...(queryParameters.length > 0 && {
      queryParameters: queryParameters.map((matcher) => compileQueryParameterMatcher(matcher, ctx)),
    }),
    ...(cookies.length > 0 && {
      cookies: cookies.flatMap((matcher) => compileCookieMatcher(matcher, ctx) ?? []),
    }),
    ...(message.grpc !== undefined && { grpc: true as const }),
    ...(fraction !== undefined && {
      runtimeFraction: {
        numerator: fraction.numerator,
        denominator: DENOMINATORS[fraction.denominator]!,
      },
    }),
  };
}

function compilePath(message: RouteMatch, ctx: CompileContext): PathMatchConfig | null {
  const { pathSpecifier: specifier } = message;
  switch (specifier.case) {
    case "path":
      return text("exact", specifier.value, message);
    case "prefix":
      return text("prefix", specifier.value, message);
    case "pathSeparatedPrefix":
      return text("separated_prefix", specifier.value, message);
    case "safeRegex":
      return { kind: "regex", value: compileRegex(specifier.value, ctx) };
    default:
      return null;
  }
}

function text(kind: PathMatchConfig["kind"], value: string, message: RouteMatch): PathMatchConfig {
  const bytes = toByteString(value);
  if (message.caseSensitive ?? true) return { kind, value: bytes };
  return { kind, value: lowerAscii(bytes), ignoreCase: true };
}
