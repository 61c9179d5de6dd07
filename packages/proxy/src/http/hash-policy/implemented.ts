/** Fields of hash policies that are implemented; those of regular expressions are to be listed beside them. */
export const implemented = {
  "envoy.config.route.v3.RouteAction.HashPolicy": "all",
  "envoy.config.route.v3.RouteAction.HashPolicy.Header": "all",
  "envoy.config.route.v3.RouteAction.HashPolicy.Cookie": "all",
  "envoy.config.route.v3.RouteAction.HashPolicy.CookieAttribute": "all",
  "envoy.config.route.v3.RouteAction.HashPolicy.ConnectionProperties": "all",
  "envoy.config.route.v3.RouteAction.HashPolicy.QueryParameter": "all",
  "envoy.config.route.v3.RouteAction.HashPolicy.FilterState": "all",
} as const;
