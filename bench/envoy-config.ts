import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import {
  clusterConfig,
  connectionManager,
  loopback,
  tlsSocket,
  typed,
} from "../interop/harness/typed-config.ts";
import { SMALL_BODY } from "./backend.ts";
import type { Places } from "./places.ts";

/** What a row asks of the configuration. The same file goes to Envoy and to Nuncio. */
export interface Shape {
  /** `tcp`: tcp_proxy instead of HTTP; `udp`: udp_proxy. */
  readonly protocol?: "http" | "tcp" | "udp";
  /** header_mutation in front of the router, and a JSON access log. */
  readonly features?: boolean;
  /** So many routes; the last one matches. Default 1. */
  readonly routes?: number;
  /** TLS with such a certificate; clients choose HTTP/2 or HTTP/1.1. */
  readonly tls?: "ecdsa" | "rsa";
  /** HTTP/2 without TLS, where that has to be said: Envoy and Nuncio tell by the first bytes. */
  readonly http2?: true;
  /** Another backend than nginx: one that speaks HTTP/2, or an echo over WebSockets. */
  readonly upstream?: "grpc" | "websocket";
  /** The proxy answers by itself. */
  readonly direct?: true;
  /** So many clusters; the first one is used. Default 1. */
  readonly clusters?: number;
}

/** Writes the configuration of a row and gives the file's path. */
export function writeEnvoyConfig(shape: Shape, places: Places): string {
  const file = join(places.folder, "envoy.yaml");
  const listener = shape.protocol === "udp" ? udpListener(places) : tcpListener(shape, places);
  const clusters = Array.from({ length: shape.clusters ?? 1 }, (_, index) =>
    cluster(index, shape, places),
  );
  const bootstrap = {
    admin: { address: loopback(places.adminPort) },
    static_resources: { listeners: [listener], clusters },
  };
  writeFileSync(
    file,
    stringify(bootstrap, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }),
  );
  return file;
}

function tcpListener(shape: Shape, places: Places): object {
  return {
    name: "bench",
    address: loopback(places.proxyPort),
    filter_chains: [
      {
        filters: [shape.protocol === "tcp" ? tcpProxy() : http(shape, places)],
        ...(shape.tls === undefined
          ? {}
          : { transport_socket: tlsSocket(places.certificates[shape.tls]) }),
      },
    ],
  };
}

function udpListener({ proxyPort }: Places): object {
  const address = { protocol: "UDP", address: "127.0.0.1", port_value: proxyPort };
  const action = typed("route", "filters.udp.udp_proxy.v3.Route", { cluster: "cluster-0" });
  return {
    name: "bench",
    address: { socket_address: address },
    listener_filters: [
      typed("envoy.filters.udp_listener.udp_proxy", "filters.udp.udp_proxy.v3.UdpProxyConfig", {
        stat_prefix: "bench",
        matcher: { on_no_match: { action } },
      }),
    ],
  };
}

/** The prefix of the n-th of many routes, counted from 1. */
export function pathOfRoute(n: number): string {
  return `/service-${n}/`;
}

function http(shape: Shape, places: Places): object {
  const action =
    shape.direct === true
      ? { direct_response: { status: 200, body: { inline_string: SMALL_BODY } } }
      : { route: { cluster: "cluster-0" } };
  return connectionManager("bench", action, {
    ...(shape.upstream === "websocket" && { upgrade_configs: [{ upgrade_type: "websocket" }] }),
    ...(shape.routes !== undefined && { route_config: manyRoutes(shape.routes, action) }),
    ...(shape.features === true && {
      http_filters: [headerMutation(), typed("router", "filters.http.router.v3.Router")],
      access_log: [accessLog(places)],
    }),
  });
}

function manyRoutes(count: number, action: object): object {
  const routes = Array.from({ length: count }, (_, index) => ({
    match: { prefix: pathOfRoute(index + 1) },
    ...action,
  }));
  return { name: "routes", virtual_hosts: [{ name: "all", domains: ["*"], routes }] };
}

function headerMutation(): object {
  const append = (key: string, value: string): object => ({
    append: { header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" },
  });
  return typed("mutation", "filters.http.header_mutation.v3.HeaderMutation", {
    mutations: {
      request_mutations: [append("x-tenant", "bench"), { remove: "x-internal" }],
      response_mutations: [append("x-served-by", "edge"), { remove: "x-powered-by" }],
    },
  });
}

function accessLog(places: Places): object {
  const format = {
    time: "%START_TIME%",
    method: "%REQ(:METHOD)%",
    path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    protocol: "%PROTOCOL%",
    status: "%RESPONSE_CODE%",
    flags: "%RESPONSE_FLAGS%",
    received: "%BYTES_RECEIVED%",
    sent: "%BYTES_SENT%",
    duration: "%DURATION%",
    request_id: "%REQ(X-REQUEST-ID)%",
    authority: "%REQ(:AUTHORITY)%",
    upstream: "%UPSTREAM_HOST%",
    user_agent: "%REQ(USER-AGENT)%",
  };
  return typed("log", "access_loggers.file.v3.FileAccessLog", {
    path: join(places.folder, "access.log"),
    log_format: { json_format: format },
  });
}

function tcpProxy(): object {
  return typed("tcp", "filters.network.tcp_proxy.v3.TcpProxy", {
    stat_prefix: "bench",
    cluster: "cluster-0",
  });
}

function cluster(index: number, { upstream }: Shape, places: Places): object {
  const name = `cluster-${index}`;
  if (upstream === "grpc") return clusterConfig(name, places.grpcPort, "http2");
  const port = upstream === "websocket" ? places.webSocketPort : places.backendPort;
  return clusterConfig(name, port, "http1");
}
