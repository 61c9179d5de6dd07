import type { ConfigSource } from "@nuncio/api/types/envoy/config/core/v3/config_source_pb";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type { SdsSecretConfig } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/secret_pb";
import type { IrEndpoints } from "../ir/cluster.ts";
import { duration, type Init } from "./message.ts";

/** The static form: what resources refer to stands in the same file. Without it, it comes by ADS. */
export interface Inline {
  routes(routeConfig: string): RouteConfiguration;
  endpoints(cluster: string): IrEndpoints | undefined;
}

/**
 * The cluster that is never there. What leads to it is answered with the error that the route names; connections are
 * closed, datagrams dropped.
 */
export const NO_BACKEND = "no-backend";

/** V3 of xDS. */
const V3 = 2;

/** By ADS; whoever needs the resource waits for it. */
export function ads(): Init<ConfigSource> {
  return {
    resourceApiVersion: V3,
    configSourceSpecifier: { case: "ads", value: {} },
    initialFetchTimeout: duration(0),
  };
}

/** A secret by its name. */
export function secretRef(name: string, inline: Inline | undefined): Init<SdsSecretConfig> {
  return inline === undefined ? { name, sdsConfig: ads() } : { name };
}
