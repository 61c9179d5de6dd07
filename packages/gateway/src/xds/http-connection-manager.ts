import type { Filter } from "@nuncio/api/types/envoy/config/listener/v3/listener_components_pb";
import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { IrFilterChain, IrHttpHandler } from "../ir/listener.ts";
import { httpFilters } from "./http-filters.ts";
import { extension, type Field, type Init } from "./message.ts";
import { ads, type Inline } from "./sources.ts";

/** `HttpProtocolOptions.HeadersWithUnderscoresAction` */
const REJECT_REQUEST = 1;
/** `HttpConnectionManager.PathWithEscapedSlashesAction` */
const UNESCAPE_AND_REDIRECT = 3;
/** `HttpConnectionManager.ServerHeaderTransformation` */
const PASS_THROUGH = 2;

/** What one connection may have open and waiting. */
export const HTTP2_LIMITS = {
  maxConcurrentStreams: 100,
  initialStreamWindowSize: 64 * 1024,
  initialConnectionWindowSize: 1024 * 1024,
};

/** The filter that speaks HTTP with clients. Its limits and its care about paths are those of Envoy Gateway. */
export function httpConnectionManager(
  { name }: IrFilterChain,
  { routeConfig, filters, retiredFilters = [] }: IrHttpHandler,
  inline: Inline | undefined,
): Init<Filter> {
  const { name: filterName, typedConfig } = extension<HttpConnectionManager>(
    "envoy.filters.network.http_connection_manager",
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    {
      statPrefix: name,
      routeSpecifier: routesOf(routeConfig, inline),
      httpFilters: httpFilters([...filters, ...retiredFilters]),
      commonHttpProtocolOptions: { headersWithUnderscoresAction: REJECT_REQUEST },
      http2ProtocolOptions: HTTP2_LIMITS,
      upgradeConfigs: [{ upgradeType: "websocket" }],
      useRemoteAddress: true,
      normalizePath: true,
      mergeSlashes: true,
      pathWithEscapedSlashesAction: UNESCAPE_AND_REDIRECT,
      serverHeaderTransformation: PASS_THROUGH,
    },
  );
  return { name: filterName, configType: { case: "typedConfig", value: typedConfig } };
}

function routesOf(
  routeConfigName: string,
  inline: Inline | undefined,
): Field<HttpConnectionManager, "routeSpecifier"> {
  if (inline !== undefined) return { case: "routeConfig", value: inline.routes(routeConfigName) };
  return { case: "rds", value: { routeConfigName, configSource: ads() } };
}
