import type { DataSource } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { SubstitutionFormatString } from "@nuncio/api/types/envoy/config/core/v3/substitution_format_string_pb";
import type { DirectResponseAction } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import { readDataSource } from "../../../config/data-source.ts";
import { compileFormatString } from "../../../observe/format/compile.ts";
import type { DirectResponseConfig } from "../model.ts";
import type { RouteContext } from "./route-context.ts";

/** The body is read here, once. It must be within `max_direct_response_body_size_bytes`. */
export function compileDirectResponse(
  message: DirectResponseAction,
  context: RouteContext,
): DirectResponseConfig {
  const { body: source, bodyFormat } = message;
  const body = source === undefined ? "" : bytesOf(source, context);
  return {
    kind: "direct_response",
    status: message.status,
    body,
    ...(bodyFormat !== undefined && { format: compileFormat(bodyFormat, context.ctx) }),
  };
}

function compileFormat(
  message: SubstitutionFormatString,
  ctx: CompileContext,
): NonNullable<DirectResponseConfig["format"]> {
  const { plan, contentType } = compileFormatString(message, ctx);
  return { plan, contentType: contentType || (plan.kind === "json" ? "application/json" : "") };
}

function bytesOf(source: DataSource, { ctx, maxDirectResponseBodyBytes }: RouteContext): string {
  const bytes = readDataSource(source, ctx);
  if (bytes.length > maxDirectResponseBodyBytes) {
    const text = `response body size is ${bytes.length} bytes; maximum is ${maxDirectResponseBodyBytes}`;
    ctx.problems.error(source, undefined, text);
  }
  return bytes.toString("latin1");
}
