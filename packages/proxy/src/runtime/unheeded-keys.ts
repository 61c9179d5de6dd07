import type { RuntimeValues } from "./model.ts";

/** Keys of Envoy, or what they begin with, of what is not here; and why nothing reads them. */
const UNHEEDED: readonly (readonly [start: string, why: string])[] = [
  ["envoy.reloadable_features.", "no such switch"],
  ["envoy.restart_features.", "no such switch"],
  ["health_check.", "there are no health checks yet"],
  ["outlier_detection.", "there is no outlier detection yet"],
  ["upstream.zone_routing.", "there is no routing by zone yet"],
  ["upstream.use_http3", "there is no HTTP/3 yet"],
  ["re2.max_program_size.", "expressions are not limited by the size of RE2's programs"],
  ["overload.global_downstream_max_connections", "the overload manager limits all connections"],
  ["http.async_response_buffer_limit", "there are no requests of the proxy's own yet"],
  ["tracing.datadog.", "there is no tracing yet"],
  ["tracing.opentelemetry.", "there is no tracing yet"],
  ["tracing.skywalking.", "there is no tracing yet"],
  ["tracing.zipkin.", "there is no tracing yet"],
];

/** Keys that mean something to Envoy and nothing here, each with a line that says so. Keys of a user's own are not among them. */
export function unheededKeys(values: RuntimeValues): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const key of values.keys()) {
    const unheeded = UNHEEDED.find(([start]) => key.startsWith(start));
    if (unheeded !== undefined) found.set(key, `runtime key ${key} has no effect: ${unheeded[1]}`);
  }
  return found;
}
