import { DISCOVERED } from "./extension/model.ts";
import { buildConnectionManager } from "./http/connection-manager/build.ts";
import { ConnectionManagerFactory } from "./http/connection-manager/connection-manager-factory.ts";
import type { HttpConnectionManagerConfig } from "./http/connection-manager/model.ts";
import { httpFilterWorkerSides } from "./http/filters/worker-registry.ts";
import type { ActiveListener } from "./listener/active-listener.ts";
import { Listener } from "./listener/listener.ts";
import type { ListenerSettings } from "./listener/model.ts";
import { UdpListener } from "./listener/udp/udp-listener.ts";
import { connectionLimitWorkerSide } from "./network/connection-limit/filter.ts";
import { directResponseWorkerSide } from "./network/direct-response/filter.ts";
import { discoveredNetworkFilterSide } from "./network/discovered/filter.ts";
import { echoWorkerSide } from "./network/echo/filter.ts";
import type { NetworkFilterWorkerSide } from "./network/extension.ts";
import type { NetworkServices } from "./network/services.ts";
import { sniClusterWorkerSide } from "./network/sni-cluster/filter.ts";
import { tcpProxyWorkerSide } from "./network/tcp-proxy/filter.ts";
import { OverloadState } from "./overload/overload-state.ts";
import { udpFilterWorkerSides } from "./udp/worker-registry.ts";

// The whole way of a request through a worker, in order. Each stage is handed the next one and knows only its
// interface; this is the one file that knows them all.
//
//   socket             transport/native.ts, listener/server-socket.ts   the kernel hands over a connection
//   admission          listener/admission.ts                           there may be too much of everything already
//   listener           listener/listener.ts                            counts it and chooses its filter chain
//   listener filters   listener/filters/worker-registry.ts             look at its first bytes before that
//   transport socket   transport/tls/tls-sockets.ts                    TLS between the socket and its connection
//   filter chain       network/filter-manager.ts                       hands events down the network filters
//   network filters    the table below                                 the last one is terminal
//   codec              packages/codec                                  bytes become a head, a body, trailers
//   connection manager http/connection-manager/http-connection.ts      a session per protocol: streams, keep-alive, drain
//   stream             http/connection-manager/active-stream.ts        header rules, route, timers, access log
//   HTTP filters       http/filters/worker-registry.ts                 request down, response up
//   router             http/router/filter.ts                           the terminal filter: one upstream request
//   cluster            upstream/cluster.ts                             circuit breakers and load balancer: a host
//   pool               upstream/pool/http-pool.ts                      a connection of that host, idle or new
//   codec, socket      upstream/pool/pooled-connection.ts              and the response comes the same way back
//
// A datagram has a way of its own, from listener/udp/udp-listener.ts to the filters in udp/worker-registry.ts.

const HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** HTTP begins behind this network filter; its own chain is in the HTTP filters' registry. */
const httpConnectionManager: NetworkFilterWorkerSide<HttpConnectionManagerConfig> = {
  configType: HCM,
  build: (config, services) =>
    new ConnectionManagerFactory(buildConnectionManager(config, services, httpFilterWorkerSides)),
};

const SIDES: readonly NetworkFilterWorkerSide[] = [
  // Says no before anything is spent on the connection.
  connectionLimitWorkerSide,
  sniClusterWorkerSide,
  // The terminal ones: to an upstream as HTTP or as bytes, or answered here.
  httpConnectionManager,
  tcpProxyWorkerSide,
  directResponseWorkerSide,
  echoWorkerSide,
];

/** Network filters, worker side, by message type. Nothing registers itself: a filter stands here or is not there. */
const byType: ReadonlyMap<string, NetworkFilterWorkerSide> = new Map(
  SIDES.map((side) => [side.configType, side]),
);

/** One that comes by ECDS stands for any of them. */
const networkFilters: ReadonlyMap<string, NetworkFilterWorkerSide> = new Map([
  ...byType,
  [DISCOVERED, discoveredNetworkFilterSide(byType) as NetworkFilterWorkerSide],
]);

/** A listener without a version; the whole path behind it is built of those that it is given. */
export function buildListener(
  settings: ListenerSettings,
  services: NetworkServices,
): ActiveListener {
  const own = settings.bypassOverloadManager
    ? { ...services, overload: OverloadState.NONE }
    : services;
  if (settings.udp !== null)
    return new UdpListener(settings, own, (filter) =>
      udpFilterWorkerSides.get(filter.type)!.build(filter.config as never, own),
    );
  return new Listener(settings, own, (filter) =>
    networkFilters.get(filter.type)!.build(filter.config as never, own),
  );
}
