import type {
  BufferSettings,
  CheckSettings,
  ExtAuthz,
  ExtAuthzPerRoute,
} from "@nuncio/api/types/envoy/extensions/filters/http/ext_authz/v3/ext_authz_pb";
import type { CompileContext } from "../../../config/context.ts";
import { implemented as grpcService } from "../../../grpc-client/implemented.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { EXT_AUTHZ_STATS } from "../../../observe/stats/tables/ext-authz.ts";
import { compileRuntimeFlag, compileRuntimeFraction } from "../../../runtime/compile-values.ts";
import { compileMutationRules } from "../../header-mutations/compile-mutation-rules.ts";
import { compileMetadataMatcher } from "../../route/matchers/metadata-matcher.ts";
import type { HttpFilterConfigSide } from "../extension.ts";
import { compileGrpcAuthorization, compileQuestion, compileTexts } from "./grpc/config.ts";
import { compileHttpService, compileList, implemented } from "./http-service-config.ts";
import type { BodyConfig, ExtAuthzConfig, ExtAuthzRouteConfig, ServiceConfig } from "./model.ts";

const PACKAGE = "envoy.extensions.filters.http.ext_authz.v3";
const DEFAULT_STATUS = 403;
/** `envoy.config.core.v3.ApiVersion.V2` */
const API_V2 = 1;

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
    ...grpcService,
    ...implemented,
    [`${PACKAGE}.ExtAuthz`]: [
      "grpc_service",
      "http_service",
      "transport_api_version",
      "failure_mode_allow",
      "failure_mode_allow_header_add",
      "with_request_body",
      "clear_route_cache",
      "clear_route_cache_headers",
      "status_on_error",
      "validate_mutations",
      "metadata_context_namespaces",
      "route_metadata_context_namespaces",
      "filter_enabled",
      "filter_enabled_metadata",
      "deny_at_disable",
      "include_peer_certificate",
      "stat_prefix",
      "bootstrap_metadata_labels_key",
      "allowed_headers",
      "disallowed_headers",
      "include_tls_session",
      "charge_cluster_response_stats",
      "encode_raw_headers",
      "decoder_header_mutation_rules",
      "enable_dynamic_metadata_ingestion",
      "max_denied_response_body_bytes",
      "enforce_response_header_limits",
      "shadow_mode",
    ],
    [`${PACKAGE}.BufferSettings`]: "all",
    [`${PACKAGE}.ExtAuthzPerRoute`]: "all",
    [`${PACKAGE}.CheckSettings`]: [
      "context_extensions",
      "disable_request_body_buffering",
      "with_request_body",
      "grpc_service",
      "http_service",
    ],
    "envoy.config.common.mutation_rules.v3.HeaderMutationRules": "all",
    "envoy.type.v3.HttpStatus": "all",
    "envoy.config.core.v3.RuntimeFeatureFlag": ["default_value", "runtime_key"],
  },
  compile(message, ctx, { statPrefix }) {
    const service = compileService(message, ctx);
    if (service === null) return null;
    const { withRequestBody: body, decoderHeaderMutationRules: rules } = message;
    const allowed = allowedHeaders(message, ctx);
    const clusterStatPrefix = `ext_authz.${message.statPrefix === "" ? "" : `${message.statPrefix}.`}`;
    return {
      scope: ctx.stats.scope(`${statPrefix}${clusterStatPrefix}`, EXT_AUTHZ_STATS),
      clusterStatPrefix,
      service,
      body: body === undefined ? null : compileBody(body),
      ...compileQuestion(message, ctx),
      ingestsMetadata: message.enableDynamicMetadataIngestion ?? true,
      validatesMutations: message.validateMutations,
      headerRules: rules === undefined ? null : compileMutationRules(rules, ctx),
      failureModeAllow: message.failureModeAllow,
      failureModeAllowHeaderAdd: message.failureModeAllowHeaderAdd,
      clearRouteCache: message.clearRouteCache,
      clearRouteCacheHeaders: headerNames(message.clearRouteCacheHeaders),
      isShadow: message.shadowMode,
      statusOnError: message.statusOnError?.code || DEFAULT_STATUS,
      ...compileConditions(message, ctx),
      allowedHeaders:
        service.kind === "grpc" && allowed === undefined ? null : compileList(allowed, ctx),
      disallowedHeaders: compileList(message.disallowedHeaders, ctx),
      chargeClusterResponseStats: message.chargeClusterResponseStats ?? true,
      deniedBodyBytesMax: message.maxDeniedResponseBodyBytes,
      enforcesResponseHeaderLimits: message.enforceResponseHeaderLimits,
    };
  },
  compilePerRoute: ({ override }, ctx) =>
    override.case === "checkSettings"
      ? { disabled: false, ...compileSettings(override.value, ctx) }
      : { disabled: override.value ?? false, contextExtensions: [] },
};

function headerNames(names: readonly string[]): readonly string[] | null {
  return names.length === 0 ? null : names.map((name) => toByteString(name).toLowerCase());
}

/** Which requests are asked about. */
function compileConditions(
  { filterEnabled, filterEnabledMetadata: metadata, denyAtDisable }: ExtAuthz,
  ctx: CompileContext,
): Pick<ExtAuthzConfig, "enabled" | "enabledMetadata" | "denyAtDisable"> {
  const enabledMetadata = metadata === undefined ? null : compileMetadataMatcher(metadata, ctx);
  return {
    ...(filterEnabled !== undefined && { enabled: compileRuntimeFraction(filterEnabled) }),
    ...(enabledMetadata !== null && { enabledMetadata }),
    ...(denyAtDisable !== undefined && { denyAtDisable: compileRuntimeFlag(denyAtDisable) }),
  };
}

/** Null for a service that is refused. */
function compileService(message: ExtAuthz, ctx: CompileContext): ServiceConfig | null {
  const { services } = message;
  switch (services.case) {
    case "grpcService":
      checkVersion(message, ctx);
      return compileGrpcAuthorization(services.value, ctx);
    case "httpService":
      return compileHttpService(services.value, ctx);
    default:
      ctx.problems.error(
        message,
        undefined,
        "unsupported authorization service: expected grpc_service or http_service",
      );
      return null;
  }
}

/** Left open it is V3, as in Envoy, which looks at it for services of gRPC alone. */
function checkVersion(message: ExtAuthz, ctx: CompileContext): void {
  if (message.transportApiVersion !== API_V2) return;
  const text = "expected V3: V2 has been removed and is no longer supported";
  ctx.problems.error(message, "transport_api_version", text);
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
  if (withRequestBody?.packAsBytes === true) {
    const text = "has no effect here, as in Envoy: that of the filter counts";
    ctx.problems.warning(withRequestBody, "pack_as_bytes", text);
  }
  const service = compileOverride(serviceOverride, ctx);
  return {
    ...(service !== null && { service }),
    ...(disabled && { body: null }),
    ...(withRequestBody !== undefined && { body: compileBody(withRequestBody) }),
    contextExtensions: compileTexts(message.contextExtensions),
  };
}

function compileOverride(
  override: CheckSettings["serviceOverride"],
  ctx: CompileContext,
): ServiceConfig | null {
  switch (override.case) {
    case "grpcService":
      return compileGrpcAuthorization(override.value, ctx);
    case "httpService":
      return compileHttpService(override.value, ctx);
    default:
      return null;
  }
}

/** By HTTP bodies go as they are, so `pack_as_bytes` says nothing. */
function compileBody({ maxRequestBytes, allowPartialMessage }: BufferSettings): BodyConfig {
  return { bytesMax: maxRequestBytes, allowsPart: allowPartialMessage };
}
