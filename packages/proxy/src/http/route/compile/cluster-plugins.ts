import type { Message } from "@bufbuild/protobuf";
import { typeNameOfAny } from "@nuncio/api";
import type { ClusterSpecifierPlugin } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type {
  ClusterAction,
  MatcherClusterSpecifier,
} from "@nuncio/api/types/envoy/extensions/router/cluster_specifiers/matcher/v3/matcher_pb";
import type { CompileContext } from "../../../config/context.ts";
import { compileMatcher } from "../../../matching/compile.ts";
import { httpInputConfigSides } from "../../../matching/inputs/http-config.ts";
import type { ClusterChoiceConfig } from "../model.ts";
import { extensionMessage } from "./extension-message.ts";

const PACKAGE = "envoy.extensions.router.cluster_specifiers.matcher.v3";

/** `cluster_specifier_plugins` by name; the first of a name counts. */
export function compileClusterPlugins(
  message: RouteConfiguration,
  ctx: CompileContext,
): ReadonlyMap<string, ClusterChoiceConfig> {
  const plugins = new Map<string, ClusterChoiceConfig>();
  for (const plugin of message.clusterSpecifierPlugins) {
    const name = plugin.extension?.name ?? "";
    const compiled = compileClusterPlugin(plugin, ctx);
    if (!plugins.has(name)) plugins.set(name, compiled);
  }
  return plugins;
}

/** One plugin. One that is not there may be optional: a route with it takes no request. */
export function compileClusterPlugin(
  { extension, isOptional }: ClusterSpecifierPlugin,
  ctx: CompileContext,
): ClusterChoiceConfig {
  const any = extension?.typedConfig;
  const type = any === undefined ? "" : typeNameOfAny(any);
  // validate.rules refuse a plugin without an extension.
  if (extension === undefined || (isOptional && !type.startsWith("envoy.")))
    return { kind: "nowhere" };
  const message = extensionMessage(
    extension,
    `${PACKAGE}.MatcherClusterSpecifier`,
    ctx,
  ) as MatcherClusterSpecifier | null;
  if (message?.clusterMatcher === undefined) return { kind: "nowhere" };
  const matcher = compileMatcher(message.clusterMatcher, {
    ctx,
    inputs: httpInputConfigSides,
    keepMatching: false,
    actions: new Map([
      [`${PACKAGE}.ClusterAction`, (action: Message) => (action as ClusterAction).cluster],
    ]),
  });
  return { kind: "matcher", matcher };
}
