import type { VirtualHost } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import { message } from "./message.ts";
import { ads } from "./sources.ts";

/**
 * A route configuration. Its virtual hosts come one by one (VHDS), under its name, so that a change of a route is a
 * small resource; in the static form they are given.
 */
export function routeConfigMessage(
  name: string,
  virtualHosts?: readonly VirtualHost[],
): RouteConfiguration {
  return message<RouteConfiguration>("envoy.config.route.v3.RouteConfiguration", {
    name,
    ...(virtualHosts === undefined
      ? { vhds: { configSource: ads() } }
      : { virtualHosts: [...virtualHosts] }),
    ignorePortInHostMatching: true,
    // A cluster that is not there is an error of its routes alone.
    validateClusters: false,
  });
}
