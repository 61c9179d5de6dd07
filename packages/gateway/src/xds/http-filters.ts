import type { Cors } from "@nuncio/api/types/envoy/extensions/filters/http/cors/v3/cors_pb";
import type { ExtAuthz } from "@nuncio/api/types/envoy/extensions/filters/http/ext_authz/v3/ext_authz_pb";
import type { GrpcWeb } from "@nuncio/api/types/envoy/extensions/filters/http/grpc_web/v3/grpc_web_pb";
import type { Router } from "@nuncio/api/types/envoy/extensions/filters/http/router/v3/router_pb";
import type { StatefulSession } from "@nuncio/api/types/envoy/extensions/filters/http/stateful_session/v3/stateful_session_pb";
import type { HttpFilter } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { IrHttpFilter } from "../ir/listener.ts";
import { extension, type Init } from "./message.ts";
import { NO_BACKEND } from "./sources.ts";

/** What routes call a filter by. */
export const FILTER_NAMES: Readonly<Record<IrHttpFilter, string>> = {
  cors: "envoy.filters.http.cors",
  ext_authz: "envoy.filters.http.ext_authz",
  stateful_session: "envoy.filters.http.stateful_session",
  grpc_web: "envoy.filters.http.grpc_web",
};

/** In the order in which a request meets them: who may not come in is sent away before anything is done for them. */
const FILTERS: Readonly<Record<IrHttpFilter, () => Init<HttpFilter>>> = {
  cors: () =>
    httpFilter(
      extension<Cors>(FILTER_NAMES.cors, "envoy.extensions.filters.http.cors.v3.Cors", {}),
    ),
  ext_authz: () => ({
    // Each route names the service that it asks; without one nobody is asked.
    ...httpFilter(
      extension<ExtAuthz>(
        FILTER_NAMES.ext_authz,
        "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
        {
          transportApiVersion: 2,
          services: {
            case: "grpcService",
            value: { targetSpecifier: { case: "envoyGrpc", value: { clusterName: NO_BACKEND } } },
          },
        },
      ),
    ),
    disabled: true,
  }),
  stateful_session: () =>
    httpFilter(
      extension<StatefulSession>(
        FILTER_NAMES.stateful_session,
        "envoy.extensions.filters.http.stateful_session.v3.StatefulSession",
        {},
      ),
    ),
  grpc_web: () =>
    httpFilter(
      extension<GrpcWeb>(
        FILTER_NAMES.grpc_web,
        "envoy.extensions.filters.http.grpc_web.v3.GrpcWeb",
        {},
      ),
    ),
};

/** The HTTP filters of a listener; the router is the last one. */
export function httpFilters(used: readonly IrHttpFilter[]): Init<HttpFilter>[] {
  const wanted = new Set(used);
  return [
    ...Object.entries(FILTERS)
      .filter(([kind]) => wanted.has(kind as IrHttpFilter))
      .map(([, make]) => make()),
    httpFilter(
      extension<Router>(
        "envoy.filters.http.router",
        "envoy.extensions.filters.http.router.v3.Router",
        {},
      ),
    ),
  ];
}

function httpFilter({ name, typedConfig }: ReturnType<typeof extension>): Init<HttpFilter> {
  return { name, configType: { case: "typedConfig", value: typedConfig } };
}
