import type { SubstitutionFormatString } from "@nuncio/api/types/envoy/config/core/v3/substitution_format_string_pb";
import type {
  LocalReplyConfig as LocalReplyMessage,
  ResponseMapper,
} from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../config/context.ts";
import { readDataSource } from "../../config/data-source.ts";
import { compileAccessLogFilter } from "../../observe/access-log/compile-filter.ts";
import { compileFormatString } from "../../observe/format/compile.ts";
import { compileHeaderValueOptions } from "../header-mutations/compile.ts";
import type { LocalReplyConfig, LocalReplyFormat, LocalReplyMapperConfig } from "./model.ts";

const PACKAGE = "envoy.extensions.filters.network.http_connection_manager.v3";

/** Fields of `local_reply_config` that do something. */
export const implemented = {
  [`${PACKAGE}.LocalReplyConfig`]: ["mappers", "body_format"],
  [`${PACKAGE}.ResponseMapper`]: [
    "filter",
    "status_code",
    "body",
    "body_format_override",
    "headers_to_add",
  ],
} as const;

/** `local_reply_config` as plain data; null when there is none. */
export function compileLocalReply(
  message: LocalReplyMessage | undefined,
  ctx: CompileContext,
): LocalReplyConfig | null {
  if (message === undefined) return null;
  return {
    mappers: message.mappers
      .map((mapper) => compileMapper(mapper, ctx))
      .filter((mapper) => mapper !== null),
    format: message.bodyFormat === undefined ? null : compileFormat(message.bodyFormat, ctx),
  };
}

function compileMapper(
  message: ResponseMapper,
  ctx: CompileContext,
): LocalReplyMapperConfig | null {
  const filter =
    message.filter === undefined ? null : compileAccessLogFilter(message.filter, ctx, ctx.matchers);
  // validate.rules want one, and the table of implemented fields says what is missing.
  if (filter === null) return null;
  const { body, bodyFormatOverride, headersToAdd } = message;
  return {
    filter,
    status: message.statusCode ?? 0,
    body: body === undefined ? null : readDataSource(body, ctx).toString("latin1"),
    headers: compileHeaderValueOptions(headersToAdd, [], ctx, message, "headers_to_add"),
    format: bodyFormatOverride === undefined ? null : compileFormat(bodyFormatOverride, ctx),
  };
}

function compileFormat(message: SubstitutionFormatString, ctx: CompileContext): LocalReplyFormat {
  const { plan, contentType } = compileFormatString(message, ctx);
  const ownType = plan.kind === "json" ? "application/json" : "text/plain";
  return { plan, contentType: contentType || ownType };
}
