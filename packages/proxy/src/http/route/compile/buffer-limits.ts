import type {
  Route,
  VirtualHost,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { RouteConfig } from "../model.ts";

/** How much of a request may be buffered; only what is set. */
export function bufferLimits(
  message: VirtualHost | Route,
): Pick<RouteConfig, "bufferLimitBytes" | "bufferLimitCapBytes"> {
  const { requestBodyBufferLimit: limit, perRequestBufferLimitBytes: cap } = message;
  if (limit !== undefined) return { bufferLimitBytes: Number(limit) };
  return cap === undefined ? {} : { bufferLimitCapBytes: cap };
}
