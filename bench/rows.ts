import { SMALL_BODY } from "./backend.ts";
import { pathOfRoute, type Shape } from "./envoy-config.ts";
import type { Load } from "./load/wrk.ts";

const KIB = 1024;
const ROUTES = 10_000;

/** A row that is measured by as many requests as go through. */
export interface RateRow {
  readonly name: string;
  readonly title: string;
  readonly shape: Shape;
  readonly load: Load;
  /** The row that this contender's own figure is compared with, besides Envoy's. */
  readonly ownBase?: string;
}

const SMALL: Load = { path: "/", connections: 64, responseBytes: SMALL_BODY.length };

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
    load: { path: "/64k", connections: 64, responseBytes: 64 * KIB },
  },
  {
    name: "1m",
    title: "1 MiB response",
    shape: {},
    load: { path: "/1m", connections: 16, responseBytes: KIB * KIB },
  },
  { name: "post", title: "POST of 64 KiB", shape: {}, load: { ...SMALL, bodyBytes: 64 * KIB } },
  { name: "tcp", title: "small GET through tcp_proxy", shape: { protocol: "tcp" }, load: SMALL },
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
];

/** The rows beside those: latency at a fixed rate, memory, and routing alone. */
export const OTHER_ROWS = ["latency", "memory", "routing"] as const;
