import { create, toBinary } from "@bufbuild/protobuf";
import { envoyTypes } from "@nuncio/api";
import type {
  CommonGrpcAccessLogConfig,
  HttpGrpcAccessLogConfig,
  TcpGrpcAccessLogConfig,
} from "@nuncio/api/types/envoy/extensions/access_loggers/grpc/v3/als_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileDuration } from "../../config/durations.ts";
import { compileGrpcService } from "../../grpc-client/compile.ts";
import { implemented as grpcService } from "../../grpc-client/implemented.ts";
import { compileCoreRetryPolicy } from "../../http/retry/compile.ts";
import type { AccessLoggerConfigSide } from "../../observe/access-log/extension.ts";
import { toByteString } from "../../observe/format/byte-string.ts";
import { GRPC_ACCESS_LOG_STATS } from "../../observe/stats/tables/grpc-access-log.ts";
import { compileCustomTags } from "./custom-tags-config.ts";
import { implemented } from "./implemented.ts";
import type { EntryConfig, GrpcAccessLogConfig, LogDestinationConfig } from "./model.ts";

const PACKAGE = "envoy.extensions.access_loggers.grpc.v3";
/** `envoy.config.core.v3.ApiVersion.V2`; left open it is V3, as in Envoy. */
const API_V2 = 1;
const FLUSH_INTERVAL_MS = 1000;
const BUFFER_BYTES = 16_384;
/** Envoy: the request was not seen by anybody yet. */
const RETRY_ON = "connect-failure";

/** Main side of `envoy.access_loggers.http_grpc`. */
export const httpGrpcConfigSide: AccessLoggerConfigSide<
  HttpGrpcAccessLogConfig,
  GrpcAccessLogConfig
> = {
  configType: `${PACKAGE}.HttpGrpcAccessLogConfig`,
  implemented: { ...implemented, ...grpcService, [`${PACKAGE}.HttpGrpcAccessLogConfig`]: "all" },
  compile: (message, ctx) =>
    compile("http", message.commonConfig, ctx, {
      requestHeaders: lowerCase(message.additionalRequestHeadersToLog),
      responseHeaders: lowerCase(message.additionalResponseHeadersToLog),
      responseTrailers: lowerCase(message.additionalResponseTrailersToLog),
    }),
};

/** Main side of `envoy.access_loggers.tcp_grpc`. */
export const tcpGrpcConfigSide: AccessLoggerConfigSide<
  TcpGrpcAccessLogConfig,
  GrpcAccessLogConfig
> = {
  configType: `${PACKAGE}.TcpGrpcAccessLogConfig`,
  implemented: { [`${PACKAGE}.TcpGrpcAccessLogConfig`]: "all" },
  compile: (message, ctx) =>
    compile("tcp", message.commonConfig, ctx, {
      requestHeaders: [],
      responseHeaders: [],
      responseTrailers: [],
    }),
};

type Headers = Pick<EntryConfig, "requestHeaders" | "responseHeaders" | "responseTrailers">;

function compile(
  kind: LogDestinationConfig["kind"],
  common: CommonGrpcAccessLogConfig | undefined,
  ctx: CompileContext,
  headers: Headers,
): GrpcAccessLogConfig | null {
  // validate.rules want one, with a service.
  if (common?.grpcService === undefined) return null;
  if (common.transportApiVersion === API_V2)
    ctx.problems.error(
      common,
      "transport_api_version",
      "expected V3: V2 has been removed and is no longer supported",
    );
  const service = compileGrpcService(common.grpcService, ctx);
  if (service === null) return null;
  const { grpcStreamRetryPolicy: policy, bufferFlushInterval: interval } = common;
  return {
    destination: {
      key: keyOf(kind, common),
      kind,
      logName: toByteString(common.logName),
      service,
      retry: policy === undefined ? null : compileCoreRetryPolicy(policy, RETRY_ON, ctx),
      flushIntervalMs: compileDuration(
        common,
        "buffer_flush_interval",
        interval,
        FLUSH_INTERVAL_MS,
        ctx,
      ),
      bufferBytes: common.bufferSizeBytes ?? BUFFER_BYTES,
      scope: ctx.stats.scope("access_logs.grpc_access_log.", GRPC_ACCESS_LOG_STATS),
    },
    entry: {
      filterStateObjects: common.filterStateObjectsToLog,
      customTags: compileCustomTags(common.customTags, ctx),
      ...headers,
    },
  };
}

/** Messages that are equal have equal bytes: there is no map in them. */
function keyOf(kind: LogDestinationConfig["kind"], common: CommonGrpcAccessLogConfig): string {
  const schema = envoyTypes().getMessage(common.$typeName)!;
  const { $typeName: _type, $unknown: _unknown, ...fields } = common;
  const bytes = toBinary(schema, create(schema, fields));
  return `${kind} ${Buffer.from(bytes).toString("base64")}`;
}

function lowerCase(names: readonly string[]): string[] {
  return names.map((name) => name.toLowerCase());
}
