import { typeNameOfAny, unpack } from "@nuncio/api";
import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type {
  Http1ProtocolOptions,
  HttpProtocolOptions as CommonOptions,
} from "@nuncio/api/types/envoy/config/core/v3/protocol_pb";
import type { HttpProtocolOptions } from "@nuncio/api/types/envoy/extensions/upstreams/http/v3/http_protocol_options_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import { compileHeaderKeyFormat } from "../../config/header-key-format.ts";
import { compileHashPolicies } from "../../http/hash-policy/compile.ts";
import { compileMirrorPolicies } from "../../http/mirror/compile.ts";
import type { UpstreamHttp1Config, UpstreamHttpConfig } from "../model.ts";

const TYPED_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const HOUR_MS = 3_600_000;

/** The typed `HttpProtocolOptions` where it is there; else the deprecated fields of the cluster itself. */
export function compileHttpOptions(cluster: Cluster, ctx: CompileContext): UpstreamHttpConfig {
  const typed = typedOptions(cluster, ctx);
  const common =
    typed === null ? cluster.commonHttpProtocolOptions : typed.commonHttpProtocolOptions;
  const http1 = typed === null ? cluster.httpProtocolOptions : explicitHttp1(typed, ctx);
  return {
    ...compileCommon(common, cluster, ctx),
    http1: compileHttp1(http1, ctx),
    // As Envoy, without a look whether the clusters exist.
    ...(typed !== null &&
      typed.requestMirrorPolicies.length > 0 && {
        mirrorPolicies: compileMirrorPolicies(typed.requestMirrorPolicies, null, ctx),
      }),
    ...(typed !== null &&
      typed.hashPolicy.length > 0 && { hashPolicies: compileHashPolicies(typed.hashPolicy, ctx) }),
  };
}

function typedOptions(cluster: Cluster, ctx: CompileContext): HttpProtocolOptions | null {
  let found: HttpProtocolOptions | null = null;
  for (const [name, any] of Object.entries(cluster.typedExtensionProtocolOptions)) {
    const field = "typed_extension_protocol_options";
    if (name !== TYPED_OPTIONS) {
      const text = `didn't find a registered network or http filter or protocol options implementation for name: '${name}'`;
      ctx.problems.error(cluster, field, text, name);
      continue;
    }
    const options = unpack<HttpProtocolOptions>(any);
    if (options?.$typeName === TYPED_OPTIONS) found = options;
    else
      ctx.problems.error(
        cluster,
        field,
        `expected ${TYPED_OPTIONS}, got ${typeNameOfAny(any)}`,
        name,
      );
  }
  return found;
}

function explicitHttp1(
  options: HttpProtocolOptions,
  ctx: CompileContext,
): Http1ProtocolOptions | undefined {
  const specifier = options.upstreamProtocolOptions;
  if (specifier.case !== "explicitHttpConfig") {
    const got = specifier.case === undefined ? "nothing" : FIELD_NAMES[specifier.case];
    const text = `expected explicit_http_config with http_protocol_options, got ${got}`;
    ctx.problems.error(options, got === "nothing" ? undefined : got, text);
    return undefined;
  }
  const protocol = specifier.value.protocolConfig;
  if (protocol.case === "httpProtocolOptions") return protocol.value;
  const got = protocol.case === undefined ? "nothing" : FIELD_NAMES[protocol.case];
  const text = `expected http_protocol_options, got ${got}`;
  ctx.problems.error(specifier.value, got === "nothing" ? undefined : got, text);
  return undefined;
}

const FIELD_NAMES = {
  useDownstreamProtocolConfig: "use_downstream_protocol_config",
  autoConfig: "auto_config",
  http2ProtocolOptions: "http2_protocol_options",
  http3ProtocolOptions: "http3_protocol_options",
} as const;

function compileCommon(
  common: CommonOptions | undefined,
  cluster: Cluster,
  ctx: CompileContext,
): Omit<UpstreamHttpConfig, "http1"> {
  const duration = (field: string, value: CommonOptions["idleTimeout"], fallback: number): number =>
    common === undefined ? fallback : compileDuration(common, field, value, fallback, ctx);
  return {
    idleTimeoutMs: duration("idle_timeout", common?.idleTimeout, HOUR_MS),
    maxConnectionDurationMs: duration("max_connection_duration", common?.maxConnectionDuration, 0),
    maxConnectionDurationJitterPercent: common?.maxConnectionDurationJitter?.value ?? 0,
    maxStreamDurationMs: duration("max_stream_duration", common?.maxStreamDuration, 0),
    maxRequestsPerConnection:
      common?.maxRequestsPerConnection ?? cluster.maxRequestsPerConnection ?? 0,
    maxResponseHeadersCount: common?.maxHeadersCount ?? 100,
    maxResponseHeadersKb: common?.maxResponseHeadersKb ?? DEFAULT_RESPONSE_HEADERS_KB,
  };
}

/** Envoy's limit for responses over HTTP/1; requests have 60. */
const DEFAULT_RESPONSE_HEADERS_KB = 80;

function compileHttp1(
  message: Http1ProtocolOptions | undefined,
  ctx: CompileContext,
): UpstreamHttp1Config {
  return {
    enableTrailers: message?.enableTrailers ?? false,
    allowChunkedLength: message?.allowChunkedLength ?? false,
    ...compileHeaderKeyFormat(message?.headerKeyFormat, ctx),
    sendFullyQualifiedUrl: message?.sendFullyQualifiedUrl ?? false,
  };
}
