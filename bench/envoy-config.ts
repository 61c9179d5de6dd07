import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { tlsSocket } from "../interop/clients/fronts.ts";
import { clusterConfig } from "../interop/harness/typed-config.ts";
import { SMALL_BODY } from "./backend.ts";
import type { Places } from "./places.ts";

const TYPE = "type.googleapis.com/envoy.extensions";
type Config = { [key: string]: unknown };

/** What a row asks of the configuration. The same file goes to Envoy and to Nuncio. */
export interface Shape {
  /** `tcp`: tcp_proxy instead of HTTP. */
  readonly protocol?: "http" | "tcp";
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
  const listener = {
    name: "bench",
    address: address(places.proxyPort),
    filter_chains: [
      {
        filters: [shape.protocol === "tcp" ? tcpProxy() : connectionManager(shape, places)],
        ...(shape.tls === undefined
          ? {}
          : { transport_socket: tlsSocket(places.certificates[shape.tls]) }),
      },
    ],
  };
  const clusters = Array.from({ length: shape.clusters ?? 1 }, (_, index) =>
    cluster(index, shape, places),
  );
  const bootstrap = {
    admin: { address: address(places.adminPort) },
    static_resources: { listeners: [listener], clusters },
  };
  writeFileSync(
    file,
    stringify(bootstrap, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }),
  );
  return file;
}

/** The prefix of the n-th of many routes, counted from 1. */
export function pathOfRoute(n: number): string {
  return `/service-${n}/`;
}

function connectionManager(shape: Shape, places: Places): Config {
  const prefixes =
    shape.routes === undefined
      ? ["/"]
      : Array.from({ length: shape.routes }, (_, index) => pathOfRoute(index + 1));
  const action =
    shape.direct === true
      ? { direct_response: { status: 200, body: { inline_string: SMALL_BODY } } }
      : { route: { cluster: "cluster-0" } };
  const routes = prefixes.map((prefix) => ({ match: { prefix }, ...action }));
  return typed("hcm", "filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: "bench",
    ...(shape.upstream === "websocket" ? { upgrade_configs: [{ upgrade_type: "websocket" }] } : {}),
    route_config: { name: "routes", virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
    http_filters: [
      ...(shape.features === true ? [headerMutation()] : []),
      typed("router", "filters.http.router.v3.Router", {}),
    ],
    ...(shape.features === true ? { access_log: [accessLog(places)] } : {}),
  });
}

function headerMutation(): Config {
  const append = (key: string, value: string): Config => ({
    append: { header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" },
  });
  return typed("mutation", "filters.http.header_mutation.v3.HeaderMutation", {
    mutations: {
      request_mutations: [append("x-tenant", "bench"), { remove: "x-internal" }],
      response_mutations: [append("x-served-by", "edge"), { remove: "x-powered-by" }],
    },
  });
}

function accessLog(places: Places): Config {
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

function tcpProxy(): Config {
  return typed("tcp", "filters.network.tcp_proxy.v3.TcpProxy", {
    stat_prefix: "bench",
    cluster: "cluster-0",
  });
}

function cluster(index: number, { upstream }: Shape, places: Places): Config {
  const name = `cluster-${index}`;
  if (upstream === "grpc") return { ...clusterConfig(name, places.grpcPort, "http2") };
  const port = upstream === "websocket" ? places.webSocketPort : places.backendPort;
  return {
    name,
    type: "STATIC",
    connect_timeout: "5s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(port) } }] }],
    },
  };
}

function typed(name: string, type: string, fields: Config): Config {
  return { name, typed_config: { "@type": `${TYPE}.${type}`, ...fields } };
}

function address(port: number): Config {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}
