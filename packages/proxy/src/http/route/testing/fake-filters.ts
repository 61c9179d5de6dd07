import type { Message } from "@bufbuild/protobuf";
import type { HttpFilterConfigSide } from "../../filters/extension.ts";

const BUFFER = "envoy.extensions.filters.http.buffer.v3";
const CORS = "envoy.extensions.filters.http.cors.v3";

/** For tests: a filter with a configuration per route. */
export const compilingFilter: HttpFilterConfigSide = {
  name: "buffer",
  configType: `${BUFFER}.Buffer`,
  perRouteType: `${BUFFER}.BufferPerRoute`,
  terminal: false,
  implemented: { [`${BUFFER}.Buffer`]: "all", [`${BUFFER}.BufferPerRoute`]: "all" },
  compile: () => null,
  compilePerRoute: (message: Message) => ("override" in message ? message.override : null),
};

/** For tests: a filter without one. */
export const namingFilter: HttpFilterConfigSide = {
  name: "cors",
  configType: `${CORS}.Cors`,
  terminal: false,
  implemented: { [`${CORS}.Cors`]: "all" },
  compile: () => null,
};
