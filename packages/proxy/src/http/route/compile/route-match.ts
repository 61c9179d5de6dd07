import type { TypedExtensionConfig } from "@nuncio/api/types/envoy/config/core/v3/extension_pb";
import type {
  RouteMatch,
  RouteMatch_TlsContextMatchOptions,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { UriTemplateMatchConfig } from "@nuncio/api/types/envoy/extensions/path/match/uri_template/v3/uri_template_match_pb";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { compileRuntimeFraction } from "../../../runtime/compile-values.ts";
import { lowerAscii } from "../matchers/ascii.ts";
import { compileCookieMatcher } from "../matchers/cookie-matcher.ts";
import { compileFilterStateMatcher } from "../matchers/filter-state-matcher.ts";
import { compileHeaderMatcher } from "../matchers/header-matcher.ts";
import { compileMetadataMatcher } from "../matchers/metadata-matcher.ts";
import { compileQueryParameterMatcher } from "../matchers/query-parameter-matcher.ts";
import type { PathMatchConfig, RouteMatchConfig } from "../model.ts";
import { compileRegex, regexFault } from "../regex/compile-regex.ts";
import { extensionMessage } from "./extension-message.ts";
import { parseUriTemplate } from "./uri-template.ts";

/** Null for a match without a path: validate.rules, or the table of implemented fields, refuse it. */
export function compileRouteMatch(
  message: RouteMatch,
  ctx: CompileContext,
): RouteMatchConfig | null {
  const path = compilePath(message, ctx);
  if (path === null) return null;
  const { headers, queryParameters, cookies, dynamicMetadata, filterState } = message;
  const { runtimeFraction: fraction } = message;
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
    ...(fraction !== undefined && { runtimeFraction: compileRuntimeFraction(fraction) }),
    ...(message.tlsContext !== undefined && { tlsContext: compileTlsContext(message.tlsContext) }),
    ...(dynamicMetadata.length > 0 && {
      dynamicMetadata: dynamicMetadata.flatMap(
        (matcher) => compileMetadataMatcher(matcher, ctx) ?? [],
      ),
    }),
    ...(filterState.length > 0 && {
      filterState: filterState.flatMap((matcher) => compileFilterStateMatcher(matcher, ctx) ?? []),
    }),
  };
}

function compileTlsContext(
  message: RouteMatch_TlsContextMatchOptions,
): NonNullable<RouteMatchConfig["tlsContext"]> {
  const { presented, validated } = message;
  return {
    ...(presented !== undefined && { presented }),
    ...(validated !== undefined && { validated }),
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
    case "connectMatcher":
      return { kind: "connect", value: "" };
    case "pathMatchPolicy":
      return compileTemplate(specifier.value, ctx);
    default:
      return null;
  }
}

function text(kind: PathMatchConfig["kind"], value: string, message: RouteMatch): PathMatchConfig {
  const bytes = toByteString(value);
  if (message.caseSensitive ?? true) return { kind, value: bytes };
  return { kind, value: lowerAscii(bytes), ignoreCase: true };
}

/** The type of `path_match_policy`. */
const TEMPLATE_MATCH = "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig";

/** `case_sensitive` means nothing here. */
function compileTemplate(
  extension: TypedExtensionConfig,
  ctx: CompileContext,
): PathMatchConfig | null {
  const message = extensionMessage(extension, TEMPLATE_MATCH, ctx) as UriTemplateMatchConfig | null;
  if (message === null) return null;
  const template = message.pathTemplate;
  const parsed = parseUriTemplate(template);
  if ("error" in parsed) {
    const fault = `path_match_policy.path_template ${template} is invalid: ${parsed.error}`;
    // validate.rules refuse an empty one.
    if (template !== "") ctx.problems.error(message, "path_template", fault);
    return null;
  }
  const { pattern } = parsed;
  // A star of a literal may repeat a repetition: Envoy takes that, and then no path matches.
  if (regexFault(pattern) !== null) return { kind: "nothing", value: "", template };
  return { kind: "regex", value: pattern, template };
}
