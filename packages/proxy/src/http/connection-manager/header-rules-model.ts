import type { MatcherConfig } from "../../matching/model.ts";
import type { HeaderMutationStep } from "../header-mutations/model.ts";
import type { TraceSamples } from "../trace-samples.ts";
import type { InternalAddressConfig, OriginalIpDetectionConfig } from "./client-address/model.ts";
import type { ProxyStatusConfig } from "./proxy-status/model.ts";

/** What the connection manager does to heads by itself, as plain data with defaults applied. */
export interface HeaderRulesConfig {
  readonly serverName: string;
  readonly serverHeaderTransformation: "overwrite" | "append_if_absent" | "pass_through";
  readonly via: string;
  readonly useRemoteAddress: boolean;
  readonly xffNumTrustedHops: number;
  readonly skipXffAppend: boolean;
  readonly appendXForwardedPort: boolean;
  /** Asked in order where `use_remote_address` is off. */
  readonly originalIpDetection: readonly OriginalIpDetectionConfig[];
  readonly internalAddress: InternalAddressConfig;
  /** `early_header_mutation_extensions`, all their steps in order. */
  readonly earlyMutations: readonly HeaderMutationStep[];
  readonly forwardClientCert: ForwardClientCertConfig;
  /** Goes before `forwardClientCert` where it matches. */
  readonly forwardClientCertMatcher: MatcherConfig<ForwardClientCertConfig> | null;
  /** `scheme_header_transformation`: empty leaves it. */
  readonly schemeOverwrite: string;
  /** The scheme is that of the connection to the upstream. */
  readonly schemeMatchesUpstream: boolean;
  readonly addUserAgent: boolean;
  /** What x-envoy-downstream-service-cluster and -node say with `add_user_agent`. */
  readonly serviceCluster: string;
  readonly serviceNode: string;
  readonly generateRequestId: boolean;
  readonly preserveExternalRequestId: boolean;
  readonly alwaysSetRequestIdInResponse: boolean;
  readonly requestId: RequestIdConfig;
  /** `tracing` without a provider: what it does to request ids. Null without it: their digit stays as it is. */
  readonly tracing: TraceSamples | null;
  readonly proxyStatus: ProxyStatusConfig | null;
  readonly normalizePath: boolean;
  readonly mergeSlashes: boolean;
  /** `path_with_escaped_slashes_action`: what to do with `%2F` and `%5C` in a path. */
  readonly escapedSlashesAction: "keep" | "reject" | "redirect" | "forward";
  readonly stripMatchingHostPort: boolean;
  readonly stripAnyHostPort: boolean;
  readonly stripTrailingHostDot: boolean;
}

/** Envoy's names, by number. */
export const FORWARD_CLIENT_CERT_DETAILS = [
  "SANITIZE",
  "FORWARD_ONLY",
  "APPEND_FORWARD",
  "SANITIZE_SET",
  "ALWAYS_FORWARD_ONLY",
] as const;
export type ForwardClientCertDetails = (typeof FORWARD_CLIENT_CERT_DETAILS)[number];

/** What becomes of x-forwarded-client-cert. */
export interface ForwardClientCertConfig {
  readonly details: ForwardClientCertDetails;
  /** What is told of the client's certificate beside its hash, in this order. */
  readonly fields: readonly ClientCertField[];
  readonly format: "text" | "json";
}

/** In Envoy's order. */
export const CLIENT_CERT_FIELDS = ["cert", "chain", "subject", "uri", "dns", "issuer"] as const;
export type ClientCertField = (typeof CLIENT_CERT_FIELDS)[number];

/** `envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig`. */
export interface RequestIdConfig {
  /** Write the decision about tracing into the id. */
  readonly packTraceReason: boolean;
  /** Draw samples by the id instead of taking everything. */
  readonly usedForSampling: boolean;
}
