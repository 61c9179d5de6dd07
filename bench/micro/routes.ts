/**
 * Routing alone: 10,000 virtual hosts with 10 routes each, on a worker. Prints the median time of a match, in
 * microseconds, and what a route takes of the heap once every one was used. Asserts nothing.
 *
 *   node bench/micro/routes.ts [--json]
 */
import { argv } from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { HeaderMap } from "../../packages/codec/src/header-map.ts";
import type { RouteConfig, RouteTableConfig } from "../../packages/proxy/src/http/route/model.ts";
import { buildRouteTable, type RouteTable } from "../../packages/proxy/src/http/route/table.ts";
import { SampleWorker } from "../../packages/proxy/src/observe/access-log/sample-worker.ts";
import { StreamInfo } from "../../packages/proxy/src/observe/stream-info.ts";
import { median } from "../statistics.ts";

const VIRTUAL_HOSTS = 10_000;
const ROUTES = 10;
const BATCHES = 500;
const BATCH = 1_000;

/** What routing costs. */
export interface RoutingSample {
  /** The median over batches of random requests. */
  readonly matchMicros: number;
  /** Configuration and what is built of it. */
  readonly bytesPerRoute: number;
}

/** Builds the table as a worker does, uses every route once, and then asks for random ones. */
function measureRouting(): RoutingSample {
  const { table, bytes } = grownBy(() => {
    const built = buildRouteTable(structuredClone(tableConfig()), {
      worker: new SampleWorker(),
      buildPerRoute: (_type, plain) => plain,
    });
    for (let host = 0; host < VIRTUAL_HOSTS; host++)
      for (let route = 0; route < ROUTES; route++) use(built, host, route);
    return built;
  });
  const requests = Array.from({ length: BATCH }, (_, i) =>
    requestOf((i * 7_919) % VIRTUAL_HOSTS, i % ROUTES),
  );
  const info = new StreamInfo();
  const micros: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const startMs = performance.now();
    for (let i = 0; i < BATCH; i++) table.match(requests[i]!, info, 0.5);
    micros.push(((performance.now() - startMs) * 1_000) / BATCH);
  }
  return { matchMicros: median(micros), bytesPerRoute: bytes / (VIRTUAL_HOSTS * ROUTES) };
}

function use(table: RouteTable, host: number, route: number): void {
  const entry = table.match(requestOf(host, route), new StreamInfo(), 0.5);
  if (entry?.routeName !== `route-${host}-${route}`)
    throw new Error(`expected route-${host}-${route}, found ${entry?.routeName}`);
}

/** As main posts it: what a configuration of everyday has. */
function tableConfig(): RouteTableConfig {
  return {
    name: "routes",
    virtualHosts: Array.from({ length: VIRTUAL_HOSTS }, (_, host) => ({
      name: `host-${host}`,
      domains: [`host-${host}.example.com`],
      requireTls: "none" as const,
      includeRequestAttemptCount: false,
      includeAttemptCountInResponse: false,
      routes: Array.from({ length: ROUTES }, (__, route) => routeConfig(host, route)),
    })),
    internalOnlyHeaders: [],
    mostSpecificHeaderMutationsWins: false,
    ignorePortInHostMatching: false,
    ignorePathParameters: false,
  };
}

function routeConfig(host: number, route: number): RouteConfig {
  return {
    name: `route-${host}-${route}`,
    match: { path: { kind: "prefix", value: `/api/v1/service-${route}/` } },
    action: {
      kind: "route",
      cluster: { kind: "cluster", name: `cluster-${host}-${route}` },
      timeoutMs: 5_000,
      pathRewrite: { prefix: "/" },
    },
  };
}

function requestOf(host: number, route: number): HeaderMap {
  const headers = new HeaderMap();
  headers.method = "GET";
  headers.scheme = "http";
  headers.authority = `host-${host}.example.com`;
  headers.path = `/api/v1/service-${route}/items/12345?full=true`;
  return headers;
}

function grownBy(make: () => RouteTable): { readonly table: RouteTable; readonly bytes: number } {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  const table = make();
  collect();
  return { table, bytes: process.memoryUsage().heapUsed - before };
}

if (argv[1] === import.meta.filename) {
  const sample = measureRouting();
  if (argv[2] === "--json") console.log(JSON.stringify(sample));
  else print(sample);
}

function print({ matchMicros, bytesPerRoute }: RoutingSample): void {
  console.log(`${VIRTUAL_HOSTS} virtual hosts x ${ROUTES} routes`);
  console.log(`match: ${matchMicros.toFixed(3)} us (median)`);
  console.log(`memory: ${bytesPerRoute.toFixed(0)} bytes per route, every route used once`);
}
