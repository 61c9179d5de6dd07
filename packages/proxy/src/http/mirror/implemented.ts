/** Fields of request mirroring that are implemented. `trace_sampled` waits for tracing: nothing is traced yet. */
export const implemented = {
  "envoy.config.route.v3.RouteAction.RequestMirrorPolicy": "all",
} as const;
