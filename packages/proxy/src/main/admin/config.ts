import type { Admin } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import { compileListenAddress } from "../../config/address.ts";
import type { CompileContext } from "../../config/context.ts";
import { matcherCompilers } from "../../http/route/matchers/compilers.ts";
import {
  buildStringMatcher,
  compileStringMatcher,
} from "../../http/route/matchers/string-matcher.ts";
import type { ListenAddress } from "../../listener/model.ts";
import { compileAccessLogs, DEFAULT_FORMAT } from "../../observe/access-log/compile.ts";
import type { AccessLogConfig } from "../../observe/access-log/model.ts";
import { compileTextFormat } from "../../observe/format/compile.ts";
import { FILESYSTEM_STATS } from "../../observe/stats/tables/filesystem.ts";

/** The admin listener, compiled. It lives on main; nothing of it goes to workers. */
export interface AdminConfig {
  readonly address: ListenAddress;
  /** Paths, query included, that are answered; null answers all. */
  readonly allowsPath: ((pathAndQuery: string) => boolean) | null;
  readonly accessLogs: readonly AccessLogConfig[];
}

/**
 * Compiles `admin`. Null without an address: then there is no admin listener, as in Envoy.
 * `ignore_global_conn_limit` changes nothing, as there is no global limit yet.
 */
export function compileAdmin(message: Admin, ctx: CompileContext): AdminConfig | null {
  if (message.address === undefined) return null;
  const address = compileListenAddress(message.address, ctx);
  if (address === null) return null;
  if (address.protocol === "udp")
    ctx.problems.error(message.address, "socket_address", "expected an address of TCP");
  const paths = message.allowPaths.map((path) =>
    buildStringMatcher(compileStringMatcher(path, ctx)),
  );
  const accessLogs = compileAccessLogs(message.accessLog, ctx, matcherCompilers);
  for (const [index, log] of accessLogs.entries()) {
    // Others live on workers, and this listener on main.
    if (log.kind === "extension")
      ctx.problems.error(
        message,
        "access_log",
        `not implemented yet: ${log.type} for admin`,
        index,
      );
  }
  if (message.accessLogPath !== "") accessLogs.push(logOfPath(message, ctx));
  return {
    address,
    allowsPath: paths.length === 0 ? null : (path) => paths.some((matches) => matches(path)),
    accessLogs,
  };
}

/** `access_log_path`, the old way to name a file: the default format. */
function logOfPath(message: Admin, ctx: CompileContext): AccessLogConfig {
  return {
    kind: "lines",
    target: { kind: "file", path: message.accessLogPath },
    format: compileTextFormat(DEFAULT_FORMAT, "-", ctx, message, "access_log_path"),
    filter: null,
    scope: ctx.stats.scope("filesystem.", FILESYSTEM_STATS),
  };
}
