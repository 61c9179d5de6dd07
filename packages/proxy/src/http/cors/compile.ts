import type { RuntimeFractionalPercent } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { CorsPolicy as RouteCorsPolicy } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CorsPolicy } from "@nuncio/api/types/envoy/extensions/filters/http/cors/v3/cors_pb";
import type { CompileContext } from "../../config/context.ts";
import { toByteString } from "../../observe/format/byte-string.ts";
import { compileRuntimeFraction } from "../../runtime/compile-values.ts";
import { compileStringMatcher } from "../route/matchers/string-matcher.ts";
import type { CorsPolicyConfig } from "./model.ts";

/** The deprecated `cors` of a virtual host or route: heeded by the filter where no `typed_per_filter_config` is. */
export function compileRouteCors(message: RouteCorsPolicy, ctx: CompileContext): CorsPolicyConfig {
  const { enabledSpecifier: enabled } = message;
  return compileCorsPolicy(
    message,
    enabled.case === "filterEnabled" ? enabled.value : undefined,
    ctx,
  );
}

/** Either of the two messages; `filterEnabled` is where they differ. */
export function compileCorsPolicy(
  message: CorsPolicy | RouteCorsPolicy,
  filterEnabled: RuntimeFractionalPercent | undefined,
  ctx: CompileContext,
): CorsPolicyConfig {
  const { allowOriginStringMatch: origins, shadowEnabled } = message;
  return {
    ...(origins.length > 0 && {
      allowOrigins: origins.map((matcher) => compileStringMatcher(matcher, ctx)),
    }),
    ...texts(message),
    ...flags(message),
    ...(filterEnabled !== undefined && { filterEnabled: compileRuntimeFraction(filterEnabled) }),
    ...(shadowEnabled !== undefined && { shadowEnabled: compileRuntimeFraction(shadowEnabled) }),
  };
}

function texts(message: CorsPolicy | RouteCorsPolicy): CorsPolicyConfig {
  const { allowMethods, allowHeaders, exposeHeaders, maxAge } = message;
  return {
    ...(allowMethods !== "" && { allowMethods: toByteString(allowMethods) }),
    ...(allowHeaders !== "" && { allowHeaders: toByteString(allowHeaders) }),
    ...(exposeHeaders !== "" && { exposeHeaders: toByteString(exposeHeaders) }),
    ...(maxAge !== "" && { maxAge: toByteString(maxAge) }),
  };
}

function flags(message: CorsPolicy | RouteCorsPolicy): CorsPolicyConfig {
  const { allowCredentials, allowPrivateNetworkAccess, forwardNotMatchingPreflights } = message;
  return {
    ...(allowCredentials !== undefined && { allowCredentials }),
    ...(allowPrivateNetworkAccess !== undefined && { allowPrivateNetworkAccess }),
    ...(forwardNotMatchingPreflights !== undefined && { forwardNotMatchingPreflights }),
  };
}
