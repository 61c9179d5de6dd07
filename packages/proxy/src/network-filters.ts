import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import {
  compileHttpConnectionManager,
  HCM_TYPE,
  implemented as httpConnectionManager,
} from "./http/connection-manager/config.ts";
import type { HttpConnectionManagerConfig } from "./http/connection-manager/model.ts";
import { sameConnections } from "./http/connection-manager/same-connections.ts";
import { httpFilterMainSides } from "./http/filters/main-registry.ts";
import { connectionLimitConfigSide } from "./network/connection-limit/config.ts";
import { directResponseConfigSide } from "./network/direct-response/config.ts";
import { echoConfigSide } from "./network/echo/config.ts";
import type { NetworkFilterConfigSide } from "./network/extension.ts";
import { sniClusterConfigSide } from "./network/sni-cluster/config.ts";
import { tcpProxyConfigSide } from "./network/tcp-proxy/config.ts";

const httpConnectionManagerConfigSide: NetworkFilterConfigSide<
  HttpConnectionManager,
  HttpConnectionManagerConfig
> = {
  name: "envoy.filters.network.http_connection_manager",
  configType: HCM_TYPE,
  terminal: true,
  implemented: httpConnectionManager,
  compile: (hcm, ctx, listener) =>
    compileHttpConnectionManager(hcm, ctx, listener, httpFilterMainSides),
  sameConnections,
};

/** Every network filter there is, main side, by message type; `path.ts` has the workers' side. */
export const networkFilterMainSides: ReadonlyMap<string, NetworkFilterConfigSide> = new Map(
  [
    httpConnectionManagerConfigSide,
    tcpProxyConfigSide,
    connectionLimitConfigSide,
    sniClusterConfigSide,
    directResponseConfigSide,
    echoConfigSide,
  ].map((side) => [side.configType, side]),
);
