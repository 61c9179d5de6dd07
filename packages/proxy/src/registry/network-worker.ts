import { buildConnectionManager } from "../http/connection-manager/build.ts";
import type { HttpConnectionManagerConfig } from "../http/connection-manager/model.ts";
import { connectionLimitWorkerSide } from "../network/connection-limit/filter.ts";
import { directResponseWorkerSide } from "../network/direct-response/filter.ts";
import { echoWorkerSide } from "../network/echo/filter.ts";
import type { NetworkFilterWorkerSide } from "../network/extension.ts";
import { tcpProxyWorkerSide } from "../network/tcp-proxy/filter.ts";
import { httpFilterWorkerSides } from "../http/filters/worker-registry.ts";

const httpConnectionManagerWorkerSide: NetworkFilterWorkerSide<HttpConnectionManagerConfig> = {
  configType: "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
  build: (config, services) => buildConnectionManager(config, services, httpFilterWorkerSides),
};

/** Every network filter there is, worker side, by message type. */
export const networkFilterWorkerSides: ReadonlyMap<string, NetworkFilterWorkerSide> = new Map(
  [
    httpConnectionManagerWorkerSide,
    tcpProxyWorkerSide,
    connectionLimitWorkerSide,
    directResponseWorkerSide,
    echoWorkerSide,
  ].map((side) => [side.configType, side as NetworkFilterWorkerSide]),
);
