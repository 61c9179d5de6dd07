import type { Cors } from "@nuncio/api/types/envoy/extensions/filters/http/cors/v3/cors_pb";
import type { GrpcWeb } from "@nuncio/api/types/envoy/extensions/filters/http/grpc_web/v3/grpc_web_pb";
import type { Router } from "@nuncio/api/types/envoy/extensions/filters/http/router/v3/router_pb";
import type { StatefulSession } from "@nuncio/api/types/envoy/extensions/filters/http/stateful_session/v3/stateful_session_pb";
import type { HttpFilter } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { IrHttpFilter } from "../ir/listener.ts";
import { externalAuthFilter, externalAuthName } from "./external-auth.ts";
import { extension, type Init } from "./message.ts";

/** Filters of which a listener has one at most. */
type PlainFilter = Extract<IrHttpFilter, string>;

/** What routes call a filter by. */
export const FILTER_NAMES: Readonly<Record<PlainFilter, string>> = {
  cors: "envoy.filters.http.cors",
  stateful_session: "envoy.filters.http.stateful_session",
  grpc_web: "envoy.filters.http.grpc_web",
};

/** In the order in which a request meets them: who may not come in is sent away before anything is done for them. */
const ORDER: readonly (PlainFilter | "ext_authz")[] = [
  "cors",
  "ext_authz",
  "stateful_session",
  "grpc_web",
];

const PLAIN_FILTERS: Readonly<Record<PlainFilter, () => ReturnType<typeof extension>>> = {
  cors: () => extension<Cors>(FILTER_NAMES.cors, "envoy.extensions.filters.http.cors.v3.Cors", {}),
  stateful_session: () =>
    extension<StatefulSession>(
      FILTER_NAMES.stateful_session,
      "envoy.extensions.filters.http.stateful_session.v3.StatefulSession",
      {},
    ),
  grpc_web: () =>
    extension<GrpcWeb>(
      FILTER_NAMES.grpc_web,
      "envoy.extensions.filters.http.grpc_web.v3.GrpcWeb",
      {},
    ),
};

/** The HTTP filters of a listener; the router is the last one. */
export function httpFilters(used: readonly IrHttpFilter[]): Init<HttpFilter>[] {
  return [
    ...used.toSorted(byPlace).map(filterOf),
    httpFilter(
      extension<Router>(
        "envoy.filters.http.router",
        "envoy.extensions.filters.http.router.v3.Router",
        {},
      ),
    ),
  ];
}

/** Those of one kind by name: whether one is still used changes nothing. */
function byPlace(a: IrHttpFilter, b: IrHttpFilter): number {
  return place(a) - place(b) || (nameOf(a) < nameOf(b) ? -1 : 1);
}

function place(filter: IrHttpFilter): number {
  return ORDER.indexOf(typeof filter === "string" ? filter : filter.kind);
}

function nameOf(filter: IrHttpFilter): string {
  return typeof filter === "string" ? FILTER_NAMES[filter] : externalAuthName(filter);
}

function filterOf(filter: IrHttpFilter): Init<HttpFilter> {
  if (typeof filter === "string") return httpFilter(PLAIN_FILTERS[filter]());
  // Nobody is asked but where a route says so.
  return { ...httpFilter(externalAuthFilter(filter)), disabled: true };
}

function httpFilter({ name, typedConfig }: ReturnType<typeof extension>): Init<HttpFilter> {
  return { name, configType: { case: "typedConfig", value: typedConfig } };
}
