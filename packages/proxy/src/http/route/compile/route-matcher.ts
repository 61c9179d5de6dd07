import type { Message } from "@bufbuild/protobuf";
import type {
  Route,
  RouteList,
  VirtualHost,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { Matcher } from "@nuncio/api/types/xds/type/matcher/v3/matcher_pb";
import { compileMatcher } from "../../../matching/compile.ts";
import { httpInputConfigSides } from "../../../matching/inputs/http-config.ts";
import type { MatcherConfig } from "../../../matching/model.ts";
import type { RouteConfig } from "../model.ts";
import type { RouteContext } from "./route-context.ts";
import { compileRoute } from "./route.ts";

/** What is there before a request has a route. */
const INPUTS: ReadonlySet<string> = new Set([
  "envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
  "envoy.extensions.matching.common_inputs.network.v3.FilterStateInput",
  "envoy.extensions.matching.common_inputs.environment_variable.v3.Config",
]);

/** `VirtualHost.matcher`: a tree to lists of routes, of which the first that matches is taken. */
export function compileRouteMatcher(
  virtualHost: VirtualHost,
  matcher: Matcher,
  context: RouteContext,
): MatcherConfig<readonly RouteConfig[]> {
  const { ctx } = context;
  if (virtualHost.routes.length > 0)
    ctx.problems.error(
      virtualHost,
      "matcher",
      "cannot set both matcher and routes on virtual host",
    );
  // Envoy does not look whether the clusters of these routes exist.
  const unchecked = { ...context, clusterNames: null };
  const list = (routes: readonly Route[]): RouteConfig[] =>
    routes.flatMap((route) => compileRoute(route, virtualHost.name, unchecked) ?? []);
  return compileMatcher(matcher, {
    ctx,
    inputs: httpInputConfigSides,
    refuseInput: (type) =>
      INPUTS.has(type)
        ? null
        : `Route table can only match on request headers, saw type.googleapis.com/${type}`,
    keepMatching: false,
    actions: new Map([
      ["envoy.config.route.v3.Route", (message: Message) => list([message as Route])],
      [
        "envoy.config.route.v3.RouteList",
        (message: Message) => list((message as RouteList).routes),
      ],
    ]),
  });
}
