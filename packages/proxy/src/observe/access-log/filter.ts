import { HeaderMap } from "@nuncio/codec";
import type { WorkerContext } from "../../base/worker-context.ts";
import { buildExpression } from "../../expression/index.ts";
import { RuntimeNumber } from "../../runtime/values.ts";
import { streamDurationMs } from "../format/commands/duration.ts";
import { lookUp } from "../format/commands/metadata.ts";
import { grpcStatusOf } from "../format/grpc-status.ts";
import type { FormatContext } from "../stream-info.ts";
import { buildValueMatcher } from "../value-matcher/value-matcher.ts";
import type { AccessLogFilterConfig, ComparisonOp } from "./model.ts";

/** Says whether a stream is logged. */
export type AccessLogFilter = (context: FormatContext) => boolean;

/** Matchers of the HTTP rooms, handed in: this room does not know them. */
export interface MatcherBuilders {
  header(config: unknown): (headers: HeaderMap) => boolean;
  /** The function takes byte strings. */
  string(config: unknown): (value: string) => boolean;
}

const NO_HEADERS = new HeaderMap();
/** `google.rpc.Code.UNKNOWN`: what a stream without any status counts as. */
const GRPC_UNKNOWN = 2;

/** Builds a filter from what main compiled. */
export function buildAccessLogFilter(
  config: AccessLogFilterConfig,
  worker: WorkerContext,
  matchers: MatcherBuilders,
): AccessLogFilter {
  const buildAll = (configs: readonly AccessLogFilterConfig[]): AccessLogFilter[] =>
    configs.map((inner) => buildAccessLogFilter(inner, worker, matchers));
  switch (config.kind) {
    case "status_code": {
      const limit = new RuntimeNumber(config.value, worker.runtime, "integer");
      return ({ streamInfo }) => compare(config.op, streamInfo.responseCode, limit.value);
    }
    case "duration": {
      const limit = new RuntimeNumber(config.value, worker.runtime, "integer");
      return ({ streamInfo }) =>
        compare(config.op, streamDurationMs(streamInfo, worker), limit.value);
    }
    case "not_health_check":
      return ({ streamInfo }) => !streamInfo.healthCheck;
    case "runtime": {
      const { denominator, ...sampled } = config.sample;
      const numerator = new RuntimeNumber(
        { ...sampled, value: sampled.numerator },
        worker.runtime,
        "integer",
      );
      return (context) =>
        sample(context, config.independentRandomness, denominator, worker) < numerator.value;
    }
    case "and": {
      const filters = buildAll(config.filters);
      return (context) => filters.every((filter) => filter(context));
    }
    case "or": {
      const filters = buildAll(config.filters);
      return (context) => filters.some((filter) => filter(context));
    }
    case "header": {
      const matches = matchers.header(config.matcher);
      return ({ requestHeaders }) => matches(requestHeaders ?? NO_HEADERS);
    }
    case "response_flag":
      return ({ streamInfo }) => (streamInfo.responseFlags & config.flags) !== 0;
    case "grpc_status":
      return (context) =>
        config.statuses.includes(grpcStatusOf(context) ?? GRPC_UNKNOWN) !== config.exclude;
    case "metadata":
      return metadataFilter(config, matchers);
    case "expression": {
      const expression = buildExpression(config.expression);
      return (context) => expression.matches(context);
    }
    case "traceable":
      // No request is traced: the connection manager's `tracing` is refused.
      return () => false;
    case "log_type":
      return ({ streamInfo }) => config.types.includes(streamInfo.accessLogType) !== config.exclude;
  }
}

function compare(op: ComparisonOp, seen: number, value: number): boolean {
  switch (op) {
    case "EQ":
      return seen === value;
    case "GE":
      return seen >= value;
    case "LE":
      return seen <= value;
    case "NE":
      return seen !== value;
  }
}

/**
 * A number in [0, denominator): of the request id, so that all proxies on a request's way agree, or drawn where there
 * is none or it is not wanted.
 */
function sample(
  context: FormatContext,
  independent: boolean,
  denominator: number,
  worker: WorkerContext,
): number {
  const head = independent ? "" : (context.requestHeaders?.get("x-request-id") ?? "").slice(0, 8);
  if (/^[0-9a-fA-F]{8}$/.test(head)) return parseInt(head, 16) % denominator;
  return Math.floor(worker.random() * denominator);
}

function metadataFilter(
  config: AccessLogFilterConfig & { readonly kind: "metadata" },
  matchers: MatcherBuilders,
): AccessLogFilter {
  const { path, matchIfKeyNotFound } = config;
  if (config.value === null) return () => matchIfKeyNotFound;
  const matches = buildValueMatcher(config.value, (inner) => matchers.string(inner));
  return ({ streamInfo }) => {
    const value = lookUp(streamInfo.dynamicMetadata, path);
    return value === undefined ? matchIfKeyNotFound : matches(value);
  };
}
