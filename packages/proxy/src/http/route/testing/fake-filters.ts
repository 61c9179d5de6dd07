import type { BufferPerRoute } from "@nuncio/api/types/envoy/extensions/filters/http/buffer/v3/buffer_pb";
import type { HttpFilterConfigSide } from "../../filters/extension.ts";

const BUFFER = "envoy.extensions.filters.http.buffer.v3";
const CORS = "envoy.extensions.filters.http.cors.v3";

/** For tests: a filter with a configuration per route, compiled to its limit; 0 where it is disabled. */
export const compilingFilter: HttpFilterConfigSide<never, BufferPerRoute> = {
  name: "buffer",
  configType: `${BUFFER}.Buffer`,
  perRouteType: `${BUFFER}.BufferPerRoute`,
  terminal: false,
  implemented: { [`${BUFFER}.Buffer`]: "all", [`${BUFFER}.BufferPerRoute`]: "all" },
  compile: () => null,
  compilePerRoute: ({ override }) =>
    override.case === "buffer" ? override.value.maxRequestBytes : 0,
};

/** For tests: a filter without one. */
export const namingFilter: HttpFilterConfigSide = {
  name: "cors",
  configType: `${CORS}.Cors`,
  terminal: false,
  implemented: { [`${CORS}.Cors`]: "all" },
  compile: () => null,
};
