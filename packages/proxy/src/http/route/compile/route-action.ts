import type {
  RouteAction,
  RouteAction_HashPolicy,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { CompileContext } from "../../../config/context.ts";
import { compileDuration } from "../../../config/durations.ts";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { compileMirrorPolicies } from "../../mirror/compile.ts";
import type { HashPolicy } from "../entry.ts";
import type {
  ClusterChoiceConfig,
  HostRewriteConfig,
  PathRewriteConfig,
  RouteActionConfig,
} from "../model.ts";
import { lbMetadata } from "./lb-metadata.ts";
import type { RouteContext } from "./route-context.ts";
import { compileSubstitute } from "./substitute.ts";
import { compileUpgrades } from "./upgrades.ts";
import { compileWeightedClusters } from "./weighted-clusters.ts";

/** By `ClusterNotFoundResponseCode`; the first is the default. */
const NOT_FOUND_STATUS = [503, 404, 500];
const HIGH_PRIORITY = 1;

/** Null for an action without a cluster: validate.rules, or the table of implemented fields, refuse it. */
export function compileRouteAction(
  message: RouteAction,
  routeName: string,
  context: RouteContext,
): RouteActionConfig | null {
  const { ctx } = context;
  const cluster = compileCluster(message, routeName, context);
  if (cluster === null) return null;
  const hostRewrite = compileHostRewrite(message, ctx);
  const pathRewrite = compilePathRewrite(message, ctx);
  const metadataMatch = lbMetadata(message.metadataMatch);
  const notFound = message.clusterNotFoundResponseCode;
  return {
    kind: "route",
    cluster,
    ...(notFound !== 0 && { clusterNotFoundStatus: NOT_FOUND_STATUS[notFound]! }),
    ...compileTimeouts(message, ctx),
    ...(pathRewrite !== null && { pathRewrite }),
    ...(hostRewrite !== null && { hostRewrite }),
    ...(message.appendXForwardedHost && { appendXForwardedHost: true as const }),
    ...(message.priority === HIGH_PRIORITY && { priority: "high" as const }),
    ...(message.requestMirrorPolicies.length > 0 && {
      mirrorPolicies: compileMirrorPolicies(
        message.requestMirrorPolicies,
        context.clusterNames,
        ctx,
      ),
    }),
    ...compileUpgrades(message, ctx),
    ...(message.hashPolicy.length > 0 && {
      hashPolicies: message.hashPolicy.flatMap(compileHashPolicy),
    }),
    ...(metadataMatch !== null && { metadataMatch }),
  };
}

function compileCluster(
  message: RouteAction,
  routeName: string,
  context: RouteContext,
): ClusterChoiceConfig | null {
  const { clusterSpecifier: specifier } = message;
  switch (specifier.case) {
    case "cluster":
      if (context.clusterNames?.has(specifier.value) === false) {
        context.ctx.problems.error(
          message,
          "cluster",
          `route: unknown cluster '${specifier.value}'`,
        );
      }
      return { kind: "cluster", name: specifier.value };
    case "clusterHeader":
      return { kind: "header", header: specifier.value.toLowerCase() };
    case "weightedClusters":
      return compileWeightedClusters(specifier.value, routeName, context);
    default:
      return null;
  }
}

/** With `max_stream_duration`, even an empty one, Envoy has no `timeout`, whatever that says. */
function compileTimeouts(
  message: RouteAction,
  ctx: CompileContext,
): Pick<RouteActionConfig, "timeoutMs" | "idleTimeoutMs" | "maxStreamDurationMs"> {
  const { timeout, idleTimeout, maxStreamDuration: limits } = message;
  const timeoutMs =
    timeout === undefined ? undefined : compileDuration(message, "timeout", timeout, 0, ctx);
  return {
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(idleTimeout !== undefined && {
      idleTimeoutMs: compileDuration(message, "idle_timeout", idleTimeout, 0, ctx),
    }),
    ...(limits !== undefined && { timeoutMs: 0 }),
    ...(limits?.maxStreamDuration !== undefined && {
      maxStreamDurationMs: compileDuration(
        limits,
        "max_stream_duration",
        limits.maxStreamDuration,
        0,
        ctx,
      ),
    }),
  };
}

function compilePathRewrite(message: RouteAction, ctx: CompileContext): PathRewriteConfig | null {
  if (message.prefixRewrite !== "" && message.regexRewrite !== undefined) {
    const text = "Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy";
    ctx.problems.error(message, "regex_rewrite", text);
  }
  if (message.prefixRewrite !== "") return { prefix: toByteString(message.prefixRewrite) };
  return message.regexRewrite === undefined
    ? null
    : { regex: compileSubstitute(message.regexRewrite, ctx) };
}

function compileHostRewrite(message: RouteAction, ctx: CompileContext): HostRewriteConfig | null {
  const { hostRewriteSpecifier: specifier } = message;
  switch (specifier.case) {
    case "hostRewriteLiteral":
      return specifier.value === ""
        ? null
        : { kind: "literal", value: toByteString(specifier.value) };
    case "hostRewriteHeader":
      return specifier.value === ""
        ? null
        : { kind: "header", name: specifier.value.toLowerCase() };
    case "hostRewritePathRegex":
      return { kind: "path_regex", substitute: compileSubstitute(specifier.value, ctx) };
    case "autoHostRewrite":
      return specifier.value ? { kind: "auto" } : null;
    default:
      return null;
  }
}

function compileHashPolicy(message: RouteAction_HashPolicy): HashPolicy[] {
  const { policySpecifier: specifier, terminal } = message;
  switch (specifier.case) {
    case "header":
      return [{ kind: "header", name: specifier.value.headerName.toLowerCase(), terminal }];
    case "queryParameter":
      return [{ kind: "query_parameter", name: toByteString(specifier.value.name), terminal }];
    case "connectionProperties":
      return specifier.value.sourceIp ? [{ kind: "source_ip", terminal }] : [];
    default:
      // Refused by validate.rules or the table of implemented fields.
      return [];
  }
}
