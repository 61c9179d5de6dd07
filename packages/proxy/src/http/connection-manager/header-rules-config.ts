import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../config/context.ts";
import { isDrawnOnce, isEnabledOnce } from "../../runtime/enabled-once.ts";
import type { Runtime } from "../../runtime/snapshot.ts";
import {
  compileInternalAddresses,
  compileOriginalIpDetection,
  implemented as clientAddressImplemented,
} from "./client-address/config.ts";
import { compileEarlyMutations, implemented as earlyImplemented } from "./early-mutations.ts";
import {
  compileForwardClientCert,
  compileForwardClientCertMatcher,
  implemented as clientCertImplemented,
} from "./forwarded-client-cert-config.ts";
import type { HeaderRulesConfig } from "./header-rules-model.ts";
import {
  compileProxyStatus,
  implemented as proxyStatusImplemented,
} from "./proxy-status/config.ts";
import {
  compileRequestId,
  compileTraceSampling,
  implemented as requestIdImplemented,
} from "./request-id-config.ts";

/** Fields of the connection manager that are about what it does to heads. */
export const HEADER_RULE_FIELDS = [
  "add_user_agent",
  "server_name",
  "server_header_transformation",
  "scheme_header_transformation",
  "use_remote_address",
  "xff_num_trusted_hops",
  "original_ip_detection_extensions",
  "early_header_mutation_extensions",
  "internal_address_config",
  "skip_xff_append",
  "via",
  "generate_request_id",
  "preserve_external_request_id",
  "always_set_request_id_in_response",
  "request_id_extension",
  "tracing",
  "forward_client_cert_details",
  "set_current_client_cert_details",
  "forward_client_cert_matcher",
  "path_normalization_options",
  "typed_header_validation_config",
  "proxy_status_config",
  "normalize_path",
  "merge_slashes",
  "path_with_escaped_slashes_action",
  "strip_matching_host_port",
  "strip_any_host_port",
  "strip_trailing_host_dot",
  "append_x_forwarded_port",
  // Three fields that only parts of Envoy read which are refused as long as they are not here: the overload manager, PROXY
  // protocol upstream, and listener filters that restore a connection's address.
  "append_local_overload",
  "add_proxy_protocol_connection_state",
  "forward_proto_config",
  "represent_ipv4_remote_address_as_ipv4_mapped_ipv6",
] as const;

/** The messages and extensions in them. */
export const implemented = {
  ...clientAddressImplemented,
  ...clientCertImplemented,
  ...earlyImplemented,
  ...proxyStatusImplemented,
  ...requestIdImplemented,
  "envoy.extensions.filters.network.http_connection_manager.v3.ForwardProtoConfig": "all",
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathNormalizationOptions":
    "all",
  "envoy.type.http.v3.PathTransformation": "all",
  "envoy.type.http.v3.PathTransformation.Operation": "all",
  "envoy.type.http.v3.PathTransformation.Operation.NormalizePathRFC3986": "all",
  "envoy.type.http.v3.PathTransformation.Operation.MergeSlashes": "all",
  "envoy.extensions.http.header_validators.envoy_default.v3.HeaderValidatorConfig": "all",
  "envoy.extensions.http.header_validators.envoy_default.v3.HeaderValidatorConfig.Http1ProtocolOptions":
    "all",
  "envoy.extensions.http.header_validators.envoy_default.v3.HeaderValidatorConfig.UriPathNormalizationOptions":
    "all",
  "envoy.config.core.v3.SchemeHeaderTransformation": ["scheme_to_overwrite", "match_upstream"],
} as const;

const SERVER_HEADER = ["overwrite", "append_if_absent", "pass_through"] as const;

/** By number; the first is Envoy's default, which is to keep them. */
const ESCAPED_SLASHES = ["keep", "keep", "reject", "redirect", "forward"] as const;

/** What is done to heads, as plain data. */
export function compileHeaderRules(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
): HeaderRulesConfig {
  const scheme = hcm.schemeHeaderTransformation?.transformation;
  checkUnused(hcm, ctx);
  return {
    serverName: hcm.serverName || "envoy",
    serverHeaderTransformation: SERVER_HEADER[hcm.serverHeaderTransformation],
    via: hcm.via,
    useRemoteAddress: hcm.useRemoteAddress ?? false,
    xffNumTrustedHops: hcm.xffNumTrustedHops,
    skipXffAppend: hcm.skipXffAppend,
    appendXForwardedPort: hcm.appendXForwardedPort,
    originalIpDetection: compileOriginalIpDetection(hcm, ctx),
    internalAddress: compileInternalAddresses(hcm, ctx),
    earlyMutations: compileEarlyMutations(hcm.earlyHeaderMutationExtensions, ctx),
    forwardClientCert: compileForwardClientCert(hcm),
    forwardClientCertMatcher: compileForwardClientCertMatcher(hcm, ctx),
    schemeOverwrite: scheme?.case === "schemeToOverwrite" ? scheme.value : "",
    schemeMatchesUpstream: hcm.schemeHeaderTransformation?.matchUpstream ?? false,
    addUserAgent: hcm.addUserAgent ?? false,
    serviceCluster: ctx.node.cluster,
    serviceNode: ctx.node.id,
    generateRequestId: hcm.generateRequestId ?? true,
    preserveExternalRequestId: hcm.preserveExternalRequestId,
    alwaysSetRequestIdInResponse: hcm.alwaysSetRequestIdInResponse,
    requestId: compileRequestId(hcm.requestIdExtension, ctx),
    tracing: compileTraceSampling(hcm.tracing),
    proxyStatus: compileProxyStatus(hcm, ctx),
    normalizePath:
      hcm.normalizePath ?? isEnabledOnce("http_connection_manager.normalize_path", ctx.runtime),
    mergeSlashes: hcm.mergeSlashes,
    escapedSlashesAction: escapedSlashesAction(hcm, ctx.runtime),
    ...compileHostPort(hcm, ctx),
  };
}

const ALWAYS = { numerator: 100, denominator: 100 };

/** The runtime may say what the default is, and may forbid any action. */
function escapedSlashesAction(
  { pathWithEscapedSlashesAction: configured }: HttpConnectionManager,
  runtime: Runtime,
): HeaderRulesConfig["escapedSlashesAction"] {
  const key = "http_connection_manager.path_with_escaped_slashes_action";
  if (!isDrawnOnce(`${key}_enabled`, ALWAYS, runtime)) return "keep";
  const action = (configured as number) === 0 ? runtime.integer(key, 0) : configured;
  return ESCAPED_SLASHES[action] ?? "keep";
}

function checkUnused(hcm: HttpConnectionManager, ctx: CompileContext): void {
  if (hcm.forwardProtoConfig !== undefined) {
    const text =
      "has no effect: no listener filter restores the address that a client connected to";
    ctx.problems.warning(hcm, "forward_proto_config", text);
  }
  if (hcm.pathNormalizationOptions !== undefined)
    ctx.problems.warning(hcm, "path_normalization_options", "has no effect, as in Envoy 1.40");
  if (hcm.typedHeaderValidationConfig !== undefined) {
    // Envoy's own builds have none either.
    const text = "header validator extensions are not supported";
    ctx.problems.error(hcm, "typed_header_validation_config", text);
  }
  if (hcm.representIpv4RemoteAddressAsIpv4MappedIpv6) {
    const field = "represent_ipv4_remote_address_as_ipv4_mapped_ipv6";
    ctx.problems.warning(hcm, field, "has no effect, as in Envoy 1.40");
  }
}

function compileHostPort(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
): Pick<HeaderRulesConfig, "stripMatchingHostPort" | "stripAnyHostPort" | "stripTrailingHostDot"> {
  if (hcm.stripMatchingHostPort && hcm.stripPortMode.value === true) {
    const text = "`strip_matching_host_port` and `strip_any_host_port` are mutually exclusive";
    ctx.problems.error(hcm, "strip_any_host_port", text);
  }
  return {
    stripMatchingHostPort: hcm.stripMatchingHostPort,
    stripAnyHostPort: hcm.stripPortMode.value ?? false,
    stripTrailingHostDot: hcm.stripTrailingHostDot,
  };
}
