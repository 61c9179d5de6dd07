import { typeNameOfAny, unpack } from "@nuncio/api";
import type {
  AccessLogFilter,
  ComparisonFilter,
  ExtensionFilter,
  MetadataFilter,
  ResponseFlagFilter,
  RuntimeFilter,
} from "@nuncio/api/types/envoy/config/accesslog/v3/accesslog_pb";
import type { HeaderMatcher } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { ExpressionFilter } from "@nuncio/api/types/envoy/extensions/access_loggers/filters/cel/v3/cel_pb";
import type { ProcessRateLimitFilter } from "@nuncio/api/types/envoy/extensions/access_loggers/filters/process_ratelimit/v3/process_ratelimit_pb";
import type { StringMatcher } from "@nuncio/api/types/envoy/type/matcher/v3/string_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileExpression, expressionOptions } from "../../expression/compile.ts";
import { compileFractionalPercent, compileRuntimeNumber } from "../../runtime/compile-values.ts";
import type { NumberConfig } from "../../runtime/model.ts";
import { responseFlagByName } from "../format/response-flags.ts";
import { compileValueMatcher } from "../value-matcher/compile.ts";
import { ACCESS_LOG_TYPES } from "./access-log-types.ts";
import type { AccessLogFilterConfig, ComparisonOp } from "./model.ts";

/** Matchers of the HTTP rooms, handed in: this room does not know them. What they give is plain data. */
export interface MatcherCompilers {
  header(message: HeaderMatcher, ctx: CompileContext): unknown;
  string(message: StringMatcher, ctx: CompileContext): unknown;
}

const OPS: readonly ComparisonOp[] = ["EQ", "GE", "LE", "NE"];
const ANY_FLAG = 0x3fffffff;

/** Compiles a filter. Null for one that is not implemented. */
export function compileAccessLogFilter(
  message: AccessLogFilter,
  ctx: CompileContext,
  matchers: MatcherCompilers,
): AccessLogFilterConfig | null {
  const { filterSpecifier: specifier } = message;
  switch (specifier.case) {
    case "statusCodeFilter":
      return { kind: "status_code", ...comparison(specifier.value.comparison) };
    case "durationFilter":
      return { kind: "duration", ...comparison(specifier.value.comparison) };
    case "notHealthCheckFilter":
      return { kind: "not_health_check" };
    case "runtimeFilter":
      return compileRuntime(specifier.value);
    case "andFilter":
      return { kind: "and", filters: compileAll(specifier.value.filters, ctx, matchers) };
    case "orFilter":
      return { kind: "or", filters: compileAll(specifier.value.filters, ctx, matchers) };
    case "headerFilter": {
      const { header } = specifier.value;
      return header === undefined
        ? null
        : { kind: "header", matcher: matchers.header(header, ctx) };
    }
    case "responseFlagFilter":
      return compileResponseFlags(specifier.value, ctx);
    case "grpcStatusFilter":
      return {
        kind: "grpc_status",
        statuses: specifier.value.statuses,
        exclude: specifier.value.exclude,
      };
    case "metadataFilter":
      return compileMetadata(specifier.value, ctx, matchers);
    case "traceableFilter":
      return { kind: "traceable" };
    case "extensionFilter":
      return compileExtension(specifier.value, ctx);
    case "logTypeFilter": {
      const types = specifier.value.types.map((type) => ACCESS_LOG_TYPES[type]!);
      return { kind: "log_type", types, exclude: specifier.value.exclude };
    }
    default:
      // None at all is refused by validate.rules, one that is not here by the table of implemented fields.
      return null;
  }
}

function compileAll(
  messages: readonly AccessLogFilter[],
  ctx: CompileContext,
  matchers: MatcherCompilers,
): AccessLogFilterConfig[] {
  return messages
    .map((message) => compileAccessLogFilter(message, ctx, matchers))
    .filter((filter) => filter !== null);
}

function comparison(message: ComparisonFilter | undefined): {
  readonly op: ComparisonOp;
  readonly value: NumberConfig;
} {
  const value = message?.value === undefined ? { value: 0 } : compileRuntimeNumber(message.value);
  return { op: OPS[message?.op ?? 0]!, value };
}

function compileRuntime(message: RuntimeFilter): AccessLogFilterConfig {
  return {
    kind: "runtime",
    sample: compileFractionalPercent(message.percentSampled, message.runtimeKey),
    independentRandomness: message.useIndependentRandomness,
  };
}

function compileResponseFlags(
  message: ResponseFlagFilter,
  ctx: CompileContext,
): AccessLogFilterConfig {
  let flags = 0;
  for (const [index, name] of message.flags.entries()) {
    const flag = responseFlagByName(name);
    if (flag === 0) ctx.problems.error(message, "flags", `unknown response flag '${name}'`, index);
    flags |= flag;
  }
  return { kind: "response_flag", flags: message.flags.length === 0 ? ANY_FLAG : flags };
}

const EXTENSIONS = "envoy.extensions.access_loggers.filters";

/** Null for a type that is not here: the table of implemented messages refuses it. */
function compileExtension(
  message: ExtensionFilter,
  ctx: CompileContext,
): AccessLogFilterConfig | null {
  const any = message.configType.value;
  const type = any === undefined ? "" : typeNameOfAny(any);
  if (type === `${EXTENSIONS}.cel.v3.ExpressionFilter`) {
    return compileExpressionFilter(unpack<ExpressionFilter>(any!), ctx);
  }
  if (type === `${EXTENSIONS}.process_ratelimit.v3.ProcessRateLimitFilter`) {
    checkRateLimit(unpack<ProcessRateLimitFilter>(any!), ctx);
  }
  if (!type.startsWith(EXTENSIONS)) {
    const text = `Didn't find a registered implementation for '${message.name}' with type URL: '${type}'`;
    ctx.problems.error(message, "typed_config", text);
  }
  return null;
}

/** A bucket comes from a configuration source only, and that field is refused. */
function checkRateLimit(message: ProcessRateLimitFilter | undefined, ctx: CompileContext): void {
  if (message !== undefined && message.dynamicConfig === undefined) {
    ctx.problems.error(message, undefined, "`dynamic_config` is required.");
  }
}

function compileExpressionFilter(
  message: ExpressionFilter | undefined,
  ctx: CompileContext,
): AccessLogFilterConfig | null {
  if (message === undefined) return null;
  const options = expressionOptions(message.celConfig);
  const expression = compileExpression(message.expression, options, ctx, message, "expression");
  return expression === null ? null : { kind: "expression", expression };
}

function compileMetadata(
  message: MetadataFilter,
  ctx: CompileContext,
  matchers: MatcherCompilers,
): AccessLogFilterConfig {
  const { matcher } = message;
  const keys = matcher?.path.map((segment) => segment.segment.value ?? "") ?? [];
  return {
    kind: "metadata",
    path: [matcher?.filter ?? "", ...keys],
    value:
      matcher?.value === undefined
        ? null
        : compileValueMatcher(matcher.value, (inner) => matchers.string(inner, ctx)),
    matchIfKeyNotFound: message.matchIfKeyNotFound ?? true,
  };
}
