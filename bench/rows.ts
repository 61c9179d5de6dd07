import { SMALL_BODY } from "./backend.ts";
import { pathOfRoute, type Shape } from "./envoy-config.ts";
import { GRPC_MESSAGE, type H2Load } from "./load/h2load.ts";
import type { Load } from "./load/load.ts";
import type { WrkLoad } from "./load/wrk.ts";

const KIB = 1024;
const ROUTES = 10_000;

/** A row that is measured by as many requests as go through. */
export interface RateRow {
  readonly name: string;
  readonly title: string;
  readonly shape: Shape;
  readonly load: Load;
  /** How many times Envoy's figure Nuncio's has to be. */
  readonly bar?: number;
  /** The row that this contender's own figure is compared with, besides Envoy's. */
  readonly ownBase?: string;
}

const SMALL: WrkLoad = {
  tool: "wrk",
  path: "/",
  connections: 64,
  responseBytes: SMALL_BODY.length,
};

/** As many under way as over HTTP/1. */
const SMALL_HTTP2: H2Load = {
  tool: "h2load",
  path: "/",
  tls: false,
  connections: 8,
  streams: 8,
  responseBytes: SMALL_BODY.length,
};

export const RATE_ROWS: readonly RateRow[] = [
  { name: "small", title: "small GET, keep-alive", shape: {}, load: SMALL },
  {
    name: "features",
    title: "small GET, header_mutation and JSON access log",
    shape: { features: true },
    load: SMALL,
  },
  {
    name: "64k",
    title: "64 KiB response",
    shape: {},
    load: { tool: "wrk", path: "/64k", connections: 64, responseBytes: 64 * KIB },
  },
  {
    name: "1m",
    title: "1 MiB response",
    shape: {},
    load: { tool: "wrk", path: "/1m", connections: 16, responseBytes: KIB * KIB },
  },
  { name: "post", title: "POST of 64 KiB", shape: {}, load: { ...SMALL, bodyBytes: 64 * KIB } },
  { name: "tcp", title: "small GET through tcp_proxy", shape: { protocol: "tcp" }, load: SMALL },
  {
    name: "udp",
    title: "a datagram of 100 bytes and its echo",
    shape: { protocol: "udp" },
    load: { tool: "udp", clients: 32, inFlight: 4, bytes: 100 },
  },
  {
    name: "routes",
    title: "small GET, the last of 10,000 routes",
    shape: { routes: ROUTES },
    load: { ...SMALL, path: pathOfRoute(ROUTES) },
    ownBase: "small",
  },
  {
    name: "connections",
    title: "a connection per request",
    shape: {},
    load: { ...SMALL, close: true },
  },
  {
    name: "h2c",
    title: "small GET, HTTP/2 without TLS",
    shape: { http2: true },
    load: SMALL_HTTP2,
    bar: 2,
  },
  {
    name: "tls",
    title: "small GET, TLS, keep-alive",
    shape: { tls: "ecdsa" },
    load: { ...SMALL, tls: true },
    bar: 1.5,
  },
  {
    name: "tls-h2",
    title: "small GET, TLS, HTTP/2",
    shape: { tls: "ecdsa" },
    load: { ...SMALL_HTTP2, tls: true },
    bar: 2,
  },
  {
    name: "tls-h2-1m",
    title: "1 MiB response, TLS, HTTP/2",
    shape: { tls: "ecdsa" },
    load: {
      ...SMALL_HTTP2,
      tls: true,
      path: "/1m",
      connections: 4,
      streams: 4,
      responseBytes: KIB * KIB,
    },
  },
  {
    name: "grpc",
    title: "gRPC unary, HTTP/2 on both sides",
    shape: { http2: true, upstream: "grpc" },
    load: {
      ...SMALL_HTTP2,
      path: "/bench.Echo/Echo",
      responseBytes: GRPC_MESSAGE.length,
      grpc: true,
    },
    bar: 1.3,
  },
  {
    name: "handshakes",
    title: "a TLS 1.3 handshake (RSA 2048) and one request per connection",
    shape: { tls: "rsa", direct: true },
    load: { tool: "peer", what: "handshakes", connections: 32 },
    bar: 0.8,
  },
  {
    name: "resumption",
    title: "the same with resumed sessions",
    shape: { tls: "rsa", direct: true },
    load: { tool: "peer", what: "handshakes", connections: 32, resume: true },
  },
  {
    name: "websocket",
    title: "WebSocket, the echo of a text frame",
    shape: { upstream: "websocket" },
    load: { tool: "peer", what: "websockets", connections: 64 },
    bar: 1,
  },
];

/** The rows beside those: latency at a fixed rate, memory, that of TLS connections, a control plane, our own one, and routing alone. */
export const OTHER_ROWS = [
  "latency",
  "memory",
  "tls-memory",
  "dynamic",
  "gateway",
  "routing",
] as const;
