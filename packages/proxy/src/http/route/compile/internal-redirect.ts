import { typeNameOfAny, unpack } from "@nuncio/api";
import type { TypedExtensionConfig } from "@nuncio/api/types/envoy/config/core/v3/extension_pb";
import type {
  InternalRedirectPolicy,
  RouteAction,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { AllowListedRoutesConfig } from "@nuncio/api/types/envoy/extensions/internal_redirect/allow_listed_routes/v3/allow_listed_routes_config_pb";
import type { CompileContext } from "../../../config/context.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import type { InternalRedirectConfig, RedirectPredicateConfig } from "../model.ts";

const EXTENSIONS = "envoy.extensions.internal_redirect";
const PREVIOUS_ROUTES = `${EXTENSIONS}.previous_routes.v3.PreviousRoutesConfig`;
const ALLOW_LISTED_ROUTES = `${EXTENSIONS}.allow_listed_routes.v3.AllowListedRoutesConfig`;
const SAFE_CROSS_SCHEME = `${EXTENSIONS}.safe_cross_scheme.v3.SafeCrossSchemeConfig`;

/** The policy and its predicates. */
export const implemented = {
  "envoy.config.route.v3.InternalRedirectPolicy": "all",
  [PREVIOUS_ROUTES]: "all",
  [ALLOW_LISTED_ROUTES]: "all",
  [SAFE_CROSS_SCHEME]: "all",
} as const;

/** Others are left out of `redirect_response_codes` in silence, as by Envoy. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const DEFAULT_CODES: readonly number[] = [302];
/** By `InternalRedirectAction`. */
const HANDLE = 1;

/** `internal_redirect_policy`, or the two fields that were there before it; null for none. */
export function compileInternalRedirect(
  message: RouteAction,
  ctx: CompileContext,
): InternalRedirectConfig | null {
  const { internalRedirectPolicy: policy } = message;
  if (policy !== undefined) return compilePolicy(policy, ctx);
  if (message.internalRedirectAction !== HANDLE) return null;
  return {
    maxRedirects: message.maxInternalRedirects ?? 1,
    codes: DEFAULT_CODES,
    allowCrossScheme: false,
    headersToCopy: [],
    predicates: [],
  };
}

function compilePolicy(
  policy: InternalRedirectPolicy,
  ctx: CompileContext,
): InternalRedirectConfig {
  const codes = policy.redirectResponseCodes.filter((code) => REDIRECTS.has(code));
  for (const [index, name] of policy.responseHeadersToCopy.entries()) {
    if (!name.startsWith(":") && name.toLowerCase() !== "host") continue;
    const text = ":-prefixed headers or Hosts may not be specified here.";
    ctx.problems.error(policy, "response_headers_to_copy", text, index);
  }
  return {
    maxRedirects: policy.maxInternalRedirects ?? 1,
    codes: policy.redirectResponseCodes.length === 0 ? DEFAULT_CODES : codes,
    allowCrossScheme: policy.allowCrossSchemeRedirect,
    headersToCopy: policy.responseHeadersToCopy.map((name) => name.toLowerCase()),
    predicates: policy.predicates.flatMap((predicate) => compilePredicate(predicate, ctx)),
  };
}

function compilePredicate(
  predicate: TypedExtensionConfig,
  ctx: CompileContext,
): RedirectPredicateConfig[] {
  const any = predicate.typedConfig;
  // validate.rules refuse a predicate without one.
  if (any === undefined) return [];
  const type = typeNameOfAny(any);
  switch (type) {
    case PREVIOUS_ROUTES:
      return [{ kind: "previous_routes" }];
    case SAFE_CROSS_SCHEME:
      return [{ kind: "safe_cross_scheme" }];
    case ALLOW_LISTED_ROUTES: {
      const names = unpack<AllowListedRoutesConfig>(any)?.allowedRouteNames ?? [];
      return [{ kind: "allow_listed_routes", names: names.map((name) => toByteString(name)) }];
    }
    default: {
      const text = `Didn't find a registered implementation for '${predicate.name}' with type URL: '${type}'`;
      ctx.problems.error(predicate, "typed_config", text);
      return [];
    }
  }
}
