import type {
  BufferSettings,
  CheckSettings,
  ExtAuthz,
  ExtAuthzPerRoute,
} from "@nuncio/api/types/envoy/extensions/filters/http/ext_authz/v3/ext_authz_pb";
import type { CompileContext } from "../../../config/context.ts";
import { EXT_AUTHZ_STATS } from "../../../observe/stats/tables/ext-authz.ts";
import { compileRuntimeFlag, compileRuntimeFraction } from "../../../runtime/compile-values.ts";
import type { HttpFilterConfigSide } from "../extension.ts";
import { compileHttpService, compileList, implemented } from "./http-service-config.ts";
import type {
  BodyConfig,
  ExtAuthzConfig,
  ExtAuthzRouteConfig,
  HttpServiceConfig,
} from "./model.ts";

const PACKAGE = "envoy.extensions.filters.http.ext_authz.v3";
const DEFAULT_STATUS = 403;

/** Main side of the filter that asks a service whether requests are allowed. */
export const extAuthzConfigSide: HttpFilterConfigSide<
  ExtAuthz,
  ExtAuthzPerRoute,
  ExtAuthzConfig | null,
  ExtAuthzRouteConfig
> = {
  name: "envoy.filters.http.ext_authz",
  configType: `${PACKAGE}.ExtAuthz`,
  perRouteType: `${PACKAGE}.ExtAuthzPerRoute`,
  terminal: false,
  implemented: {
    ...implemented,
    [`${PACKAGE}.ExtAuthz`]: [
      "http_service",
      "transport_api_version",
      "failure_mode_allow",
      "failure_mode_allow_header_add",
      "with_request_body",
      "clear_route_cache",
      "status_on_error",
      "filter_enabled",
      "deny_at_disable",
      "stat_prefix",
      "allowed_headers",
      "disallowed_headers",
      "charge_cluster_response_stats",
      "max_denied_response_body_bytes",
    ],
    [`${PACKAGE}.BufferSettings`]: "all",
    [`${PACKAGE}.ExtAuthzPerRoute`]: "all",
    // What is said to services of gRPC alone is said to none.
    [`${PACKAGE}.CheckSettings`]: [
      "context_extensions",
      "disable_request_body_buffering",
      "with_request_body",
      "http_service",
    ],
    "envoy.type.v3.HttpStatus": "all",
    "envoy.config.core.v3.RuntimeFeatureFlag": ["default_value", "runtime_key"],
  },
  compile(message, ctx, { statPrefix }) {
    const service = compileService(message, ctx);
    if (service === null) return null;
    const { withRequestBody: body, filterEnabled, denyAtDisable } = message;
    const clusterStatPrefix = `ext_authz.${message.statPrefix === "" ? "" : `${message.statPrefix}.`}`;
    return {
      scope: ctx.stats.scope(`${statPrefix}${clusterStatPrefix}`, EXT_AUTHZ_STATS),
      clusterStatPrefix,
      service,
      body: body === undefined ? null : compileBody(body),
      failureModeAllow: message.failureModeAllow,
      failureModeAllowHeaderAdd: message.failureModeAllowHeaderAdd,
      clearRouteCache: message.clearRouteCache,
      statusOnError: message.statusOnError?.code || DEFAULT_STATUS,
      ...(filterEnabled !== undefined && { enabled: compileRuntimeFraction(filterEnabled) }),
      ...(denyAtDisable !== undefined && { denyAtDisable: compileRuntimeFlag(denyAtDisable) }),
      allowedHeaders: compileList(allowedHeaders(message, ctx), ctx),
      disallowedHeaders: compileList(message.disallowedHeaders, ctx),
      chargeClusterResponseStats: message.chargeClusterResponseStats ?? true,
      deniedBodyBytesMax: message.maxDeniedResponseBodyBytes,
    };
  },
  compilePerRoute: ({ override }, ctx) =>
    override.case === "checkSettings"
      ? { disabled: false, ...compileSettings(override.value, ctx) }
      : { disabled: override.value ?? false },
};

/** Null where the table of implemented fields refuses it. */
function compileService(message: ExtAuthz, ctx: CompileContext): HttpServiceConfig | null {
  const { services } = message;
  if (services.case === undefined)
    ctx.problems.error(
      message,
      undefined,
      "unsupported authorization service: expected http_service",
    );
  return services.case === "httpService" ? compileHttpService(services.value, ctx) : null;
}

/** There is a deprecated place for them, too. */
function allowedHeaders(message: ExtAuthz, ctx: CompileContext): ExtAuthz["allowedHeaders"] {
  const { allowedHeaders: allowed, services } = message;
  if (services.case !== "httpService") return allowed;
  const old = services.value.authorizationRequest?.allowedHeaders;
  if (allowed !== undefined && old !== undefined) {
    const text = "Invalid duplicate configuration for allowed_headers.";
    ctx.problems.error(message, "allowed_headers", text);
  }
  return allowed ?? old;
}

function compileSettings(
  message: CheckSettings,
  ctx: CompileContext,
): Omit<ExtAuthzRouteConfig, "disabled"> {
  const { serviceOverride, withRequestBody, disableRequestBodyBuffering: disabled } = message;
  if (disabled && withRequestBody !== undefined) {
    const text =
      "Invalid configuration for check_settings. Only one of disable_request_body_buffering or with_request_body can be set.";
    ctx.problems.error(message, undefined, text);
  }
  const service =
    serviceOverride.case === "httpService" ? compileHttpService(serviceOverride.value, ctx) : null;
  return {
    ...(service !== null && { service }),
    ...(disabled && { body: null }),
    ...(withRequestBody !== undefined && { body: compileBody(withRequestBody) }),
  };
}

/** By HTTP bodies go as they are, so `pack_as_bytes` says nothing. */
function compileBody({ maxRequestBytes, allowPartialMessage }: BufferSettings): BodyConfig {
  return { bytesMax: maxRequestBytes, allowsPart: allowPartialMessage };
}
