import { closeSync, openSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import type { Any } from "@bufbuild/protobuf/wkt";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { AccessLog } from "@nuncio/api/types/envoy/config/accesslog/v3/accesslog_pb";
import type { FileAccessLog } from "@nuncio/api/types/envoy/extensions/access_loggers/file/v3/file_pb";
import type {
  StderrAccessLog,
  StdoutAccessLog,
} from "@nuncio/api/types/envoy/extensions/access_loggers/stream/v3/stream_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileFormatString, compileJsonFormat, compileTextFormat } from "../format/compile.ts";
import type { FormatPlan } from "../format/plan.ts";
import { FILESYSTEM_STATS } from "../stats/tables/filesystem.ts";
import { compileAccessLogFilter } from "./compile-filter.ts";
import type { MatcherCompilers } from "./compile-filter.ts";
import type {
  AccessLogConfig,
  AccessLogTarget,
  ExtensionLogConfig,
  LineLogConfig,
} from "./model.ts";

const LOGGERS = "envoy.extensions.access_loggers";

/** Envoy's default format, newline included. */
export const DEFAULT_FORMAT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% ' +
  "%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% " +
  '"%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"\n';

/**
 * Compiles the access loggers of a listener, connection manager or filter. Files are opened once, as Envoy does, so
 * that a path that cannot be written is a problem of the configuration.
 */
export function compileAccessLogs(
  messages: readonly AccessLog[],
  ctx: CompileContext,
  matchers: MatcherCompilers,
): AccessLogConfig[] {
  const configs: AccessLogConfig[] = [];
  for (const message of messages) {
    const sink = compileSink(message, ctx);
    const filter =
      message.filter === undefined ? null : compileAccessLogFilter(message.filter, ctx, matchers);
    if (sink !== null) configs.push({ ...sink, filter });
  }
  return configs;
}

type Sink = Omit<LineLogConfig, "filter"> | Omit<ExtensionLogConfig, "filter">;

function compileSink(message: AccessLog, ctx: CompileContext): Sink | null {
  const any = message.configType.value;
  const type = any === undefined ? "" : typeNameOfAny(any);
  switch (type) {
    case `${LOGGERS}.file.v3.FileAccessLog`: {
      const file = unpack<FileAccessLog>(any!);
      return file === undefined ? null : lines(fileTarget(file, ctx), fileFormat(file, ctx), ctx);
    }
    case `${LOGGERS}.stream.v3.StdoutAccessLog`:
    case `${LOGGERS}.stream.v3.StderrAccessLog`: {
      const stream = unpack<StdoutAccessLog | StderrAccessLog>(any!);
      if (stream === undefined) return null;
      const kind = type.endsWith("StdoutAccessLog") ? "stdout" : "stderr";
      return lines({ kind }, streamFormat(stream, ctx), ctx);
    }
    case "":
      ctx.problems.error(
        message,
        "typed_config",
        `Didn't find a registered implementation for '${message.name}' with type URL: ''`,
      );
      return null;
    default:
      // The table of implemented messages refused what nobody has.
      return compileExtension(type, any!, ctx);
  }
}

function compileExtension(type: string, any: Any, ctx: CompileContext): Sink | null {
  const side = ctx.accessLoggers.get(type);
  const message = side === undefined ? undefined : unpack(any);
  if (message === undefined) return null;
  const config = side!.compile(message as never, ctx);
  return config === null ? null : { kind: "extension", type, config };
}

function lines(
  target: AccessLogTarget,
  format: FormatPlan,
  ctx: CompileContext,
): Omit<LineLogConfig, "filter"> {
  const scope = ctx.stats.scope("filesystem.", FILESYSTEM_STATS);
  return { kind: "lines", target, format, scope };
}

/** The device files of the standard streams stand for the streams: they work where stdout is a socket, too. */
function fileTarget(message: FileAccessLog, ctx: CompileContext): AccessLogTarget {
  const { path } = message;
  if (path === "/dev/stdout") return { kind: "stdout" };
  if (path === "/dev/stderr") return { kind: "stderr" };
  try {
    closeSync(openSync(path, "a", 0o644));
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException;
    ctx.problems.error(
      message,
      "path",
      `unable to open file '${path}': ${getSystemErrorMessage(errno)}`,
    );
  }
  return { kind: "file", path };
}

function fileFormat(message: FileAccessLog, ctx: CompileContext): FormatPlan {
  const { accessLogFormat: format } = message;
  switch (format.case) {
    case "logFormat":
      return compileFormatString(format.value, ctx).plan;
    case "format":
      return compileTextFormat(format.value || DEFAULT_FORMAT, "-", ctx, message, "format");
    case "jsonFormat":
      return compileJsonFormat(format.value, ctx, message, "json_format");
    case "typedJsonFormat":
      return compileJsonFormat(format.value, ctx, message, "typed_json_format");
    default:
      return compileTextFormat(DEFAULT_FORMAT, "-", ctx, message, "log_format");
  }
}

function streamFormat(message: StdoutAccessLog | StderrAccessLog, ctx: CompileContext): FormatPlan {
  const { accessLogFormat: format } = message;
  return format.case === "logFormat"
    ? compileFormatString(format.value, ctx).plan
    : compileTextFormat(DEFAULT_FORMAT, "-", ctx, message, "log_format");
}
