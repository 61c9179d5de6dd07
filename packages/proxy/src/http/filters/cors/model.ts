import type { ScopeSlots } from "../../../observe/stats/definition.ts";

/** `envoy.extensions.filters.http.cors.v3.Cors` as plain data: all that it does is in the policies of routes. */
export interface CorsConfig {
  readonly scope: ScopeSlots;
}
