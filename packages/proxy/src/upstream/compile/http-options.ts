import type { Message } from "@bufbuild/protobuf";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { Cluster } from "@nuncio/api/types/envoy/config/cluster/v3/cluster_pb";
import type {
  Http1ProtocolOptions,
  Http2ProtocolOptions,
  HttpProtocolOptions as CommonOptions,
  UpstreamHttpProtocolOptions,
} from "@nuncio/api/types/envoy/config/core/v3/protocol_pb";
import type { HttpProtocolOptions } from "@nuncio/api/types/envoy/extensions/upstreams/http/v3/http_protocol_options_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import { compileHeaderKeyFormat } from "../../config/header-key-format.ts";
import { compileHashPolicies } from "../../http/hash-policy/compile.ts";
import { compileMirrorPolicies } from "../../http/mirror/compile.ts";
import { compileRetryPolicy } from "../../http/retry/compile.ts";
import { compileHttp2 } from "../../http2/config.ts";
import type {
  RequestedNamesConfig,
  UpstreamHttp1Config,
  UpstreamHttpConfig,
  UpstreamProtocol,
} from "../model.ts";
import { compileUpstreamPool } from "./upstream-pool.ts";

const TYPED_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const HOUR_MS = 3_600_000;

/** The typed `HttpProtocolOptions` where it is there; else the deprecated fields of the cluster itself. */
export function compileHttpOptions(
  cluster: Cluster,
  statPrefix: string,
  streamBufferLimitBytes: number,
  ctx: CompileContext,
): UpstreamHttpConfig {
  const typed = typedOptions(cluster, ctx);
  const common =
    typed === null ? cluster.commonHttpProtocolOptions : typed.commonHttpProtocolOptions;
  const choice = chooseProtocol(typed, cluster, ctx);
  const limits = compileCommon(common, cluster, ctx);
  return {
    ...limits,
    pool: compileUpstreamPool(cluster, ctx),
    protocol: choice.protocol,
    serverNames: compileServerNames(
      typed === null ? cluster.upstreamHttpProtocolOptions : typed.upstreamHttpProtocolOptions,
    ),
    http1: compileHttp1(choice.http1, ctx),
    http2:
      choice.protocol === "http1"
        ? null
        : compileHttp2(
            choice.http2,
            {
              maxHeadersKb: common?.maxResponseHeadersKb ?? DEFAULT_HTTP2_RESPONSE_HEADERS_KB,
              maxHeadersCount: limits.maxResponseHeadersCount,
              headersWithUnderscoresAction: "ALLOW",
              streamBufferLimitBytes,
            },
            false,
            `${statPrefix}http2.`,
            ctx,
          ),
    // As Envoy, without a look whether the clusters exist.
    ...(typed !== null &&
      typed.requestMirrorPolicies.length > 0 && {
        mirrorPolicies: compileMirrorPolicies(typed.requestMirrorPolicies, null, ctx),
      }),
    ...(typed !== null &&
      typed.retryPolicy !== undefined && {
        retryPolicy: compileRetryPolicy(typed.retryPolicy, ctx),
      }),
    ...(typed !== null &&
      typed.hashPolicy.length > 0 && { hashPolicies: compileHashPolicies(typed.hashPolicy, ctx) }),
  };
}

function compileServerNames(
  message: UpstreamHttpProtocolOptions | undefined,
): RequestedNamesConfig | null {
  if (message === undefined || (!message.autoSni && !message.autoSanValidation)) return null;
  const { autoSni, autoSanValidation, overrideAutoSniHeader } = message;
  return { autoSni, autoSanValidation, header: overrideAutoSniHeader.toLowerCase() };
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

interface ProtocolChoice {
  readonly protocol: UpstreamProtocol;
  readonly http1: Http1ProtocolOptions | undefined;
  readonly http2: Http2ProtocolOptions | undefined;
}

/** Which versions of HTTP the hosts may speak, and how. */
function chooseProtocol(
  options: HttpProtocolOptions | null,
  cluster: Cluster,
  ctx: CompileContext,
): ProtocolChoice {
  if (options === null) return deprecatedChoice(cluster);
  const specifier = options.upstreamProtocolOptions;
  switch (specifier.case) {
    case "explicitHttpConfig": {
      const { protocolConfig } = specifier.value;
      if (protocolConfig.case === "http2ProtocolOptions")
        return { protocol: "http2", http1: undefined, http2: protocolConfig.value };
      if (protocolConfig.case === "http3ProtocolOptions")
        refuse(specifier.value, "http3_protocol_options", ctx);
      return {
        protocol: "http1",
        http1: protocolConfig.case === "httpProtocolOptions" ? protocolConfig.value : undefined,
        http2: undefined,
      };
    }
    case "useDownstreamProtocolConfig":
    case "autoConfig": {
      const { httpProtocolOptions: http1, http2ProtocolOptions: http2 } = specifier.value;
      if (specifier.value.http3ProtocolOptions !== undefined)
        refuse(specifier.value, "http3_protocol_options", ctx);
      if (specifier.case === "useDownstreamProtocolConfig")
        return { protocol: "downstream", http1, http2 };
      if (!speaksTls(cluster)) {
        const text = `ALPN configured for cluster ${cluster.name} which has a non-ALPN transport socket`;
        ctx.problems.error(options, "auto_config", text);
      }
      return { protocol: "auto", http1, http2 };
    }
    default:
      return { protocol: "http1", http1: undefined, http2: undefined };
  }
}

function speaksTls({ transportSocket }: Cluster): boolean {
  const { configType } = transportSocket ?? {};
  return configType !== undefined && typeNameOfAny(configType.value!) === UPSTREAM_TLS;
}

const UPSTREAM_TLS = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";

function refuse(message: Message, field: string, ctx: CompileContext): void {
  ctx.problems.error(message, field, `not implemented yet: ${field}`);
}

/** The cluster's own fields, as they were before `HttpProtocolOptions`. */
function deprecatedChoice(cluster: Cluster): ProtocolChoice {
  const { httpProtocolOptions: http1, http2ProtocolOptions: http2 } = cluster;
  const downstream = cluster.protocolSelection === USE_DOWNSTREAM_PROTOCOL;
  const protocol = downstream ? "downstream" : http2 === undefined ? "http1" : "http2";
  return { protocol, http1, http2 };
}

const USE_DOWNSTREAM_PROTOCOL = 1;

function compileCommon(
  common: CommonOptions | undefined,
  cluster: Cluster,
  ctx: CompileContext,
): Omit<UpstreamHttpConfig, "pool" | "protocol" | "http1" | "http2" | "serverNames"> {
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

const DEFAULT_HTTP2_RESPONSE_HEADERS_KB = 60;
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
