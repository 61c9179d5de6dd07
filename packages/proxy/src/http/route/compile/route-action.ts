import type { RouteAction } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import { requestHeaderKey } from "@nuncio/codec";
import { compileRouteCors } from "../../cors/compile.ts";
import { compileHashPolicies } from "../../hash-policy/compile.ts";
import { compileMirrorPolicies } from "../../mirror/compile.ts";
import type { ClusterChoiceConfig, PathMatchConfig, RouteActionConfig } from "../model.ts";
import { compileClusterPlugin } from "./cluster-plugins.ts";
import { compileHostRewrite } from "./host-rewrite.ts";
import { compileInternalRedirect } from "./internal-redirect.ts";
import { lbMetadata } from "./lb-metadata.ts";
import { compilePathRewrite } from "./path-rewrite.ts";
import { compileRetries } from "./retries.ts";
import type { RouteContext } from "./route-context.ts";
import { compileTimeouts } from "./timeouts.ts";
import { compileUpgrades } from "./upgrades.ts";
import { compileWeightedClusters } from "./weighted-clusters.ts";

/** By `ClusterNotFoundResponseCode`; the first is the default. */
const NOT_FOUND_STATUS = [503, 404, 500];
const HIGH_PRIORITY = 1;

/** Null for an action without a cluster: validate.rules, or the table of implemented fields, refuse it. */
export function compileRouteAction(
  message: RouteAction,
  match: PathMatchConfig | null,
  routeName: string,
  context: RouteContext,
): RouteActionConfig | null {
  const { ctx } = context;
  const cluster = compileCluster(message, routeName, context);
  if (cluster === null) return null;
  const hostRewrite = compileHostRewrite(message, ctx);
  const pathRewrite = compilePathRewrite(message, match, ctx);
  const metadataMatch = lbMetadata(message.metadataMatch);
  const internalRedirect = compileInternalRedirect(message, ctx);
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
    ...(internalRedirect !== null && { internalRedirect }),
    ...(message.requestMirrorPolicies.length > 0 && {
      mirrorPolicies: compileMirrorPolicies(
        message.requestMirrorPolicies,
        context.clusterNames,
        ctx,
      ),
    }),
    ...(message.cors !== undefined && { cors: compileRouteCors(message.cors, ctx) }),
    ...compileRetries(message, ctx),
    ...compileUpgrades(message, ctx),
    ...(message.hashPolicy.length > 0 && {
      hashPolicies: compileHashPolicies(message.hashPolicy, ctx),
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
      return { kind: "header", header: requestHeaderKey(specifier.value) };
    case "weightedClusters":
      return compileWeightedClusters(specifier.value, routeName, context);
    case "clusterSpecifierPlugin": {
      const plugin = context.clusterPlugins.get(specifier.value);
      if (plugin !== undefined) return plugin;
      const text = `Unknown cluster specifier plugin name: ${specifier.value} is used in the route`;
      context.ctx.problems.error(message, "cluster_specifier_plugin", text);
      return null;
    }
    case "inlineClusterSpecifierPlugin":
      return compileClusterPlugin(specifier.value, context.ctx);
    default:
      return null;
  }
}
