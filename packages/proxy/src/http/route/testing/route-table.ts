import { checkImplemented, load, mergeImplemented, validate } from "@nuncio/api";
import type { RouteConfiguration } from "@nuncio/api/types/envoy/config/route/v3/route_pb";
import type { HeaderMap } from "@nuncio/codec";
import { testCompileContext } from "../../../config/testing/compile-context.ts";
import { implemented as matching } from "../../../matching/implemented.ts";
import { sampleContext, sampleHeaders } from "../../../observe/format/sample-context.ts";
import type { StatsRegistry } from "../../../observe/stats/definition.ts";
import { StatsStore } from "../../../observe/stats/store.ts";
import { StreamInfo, type FormatContext } from "../../../observe/stream-info.ts";
import { Runtime } from "../../../runtime/snapshot.ts";
import type { HttpFilterConfigSide } from "../../filters/extension.ts";
import { implemented as headerMutations } from "../../header-mutations/implemented.ts";
import { compileRouteConfiguration } from "../compile.ts";
import type { RouteEntry } from "../entry.ts";
import { implemented } from "../implemented.ts";
import { matcherCompilers } from "../matchers/compilers.ts";
import type { RouteTableConfig } from "../model.ts";
import { buildRouteTable } from "../table.ts";
import type { RouteTable } from "../table.ts";
import type { RouteTableDeps } from "../table/deps.ts";
import { compilingFilter, namingFilter } from "./fake-filters.ts";

const FILTERS: readonly HttpFilterConfigSide[] = [compilingFilter, namingFilter];
const TABLE = mergeImplemented([
  implemented,
  headerMutations,
  matching,
  ...FILTERS.map((filter) => filter.implemented),
]);
const SIDES = new Map(FILTERS.map((filter) => [filter.configType, filter]));

const LIMITS = {
  statsSlotsMax: 1000,
  statsDynamicSlotsMax: 10,
  statsHistogramsMax: 100,
  statsDynamicHistogramsMax: 10,
  statsHistogramWordsMax: 1000,
};

/** For tests: takes a `RouteConfiguration`, in YAML, the whole way of main; problems as `line:path: message`. */
export function compileTable(
  yaml: string,
  clusterNames: readonly string[] | null = null,
  stats: StatsRegistry = new StatsStore(LIMITS),
): { config: RouteTableConfig; problems: string[] } {
  const loaded = load<RouteConfiguration>("envoy.config.route.v3.RouteConfiguration", [
    { name: "r.yaml", content: yaml },
  ]);
  const { message, problems } = loaded;
  validate(loaded);
  checkImplemented(message, TABLE, problems);
  const ctx = testCompileContext(problems, {
    clusterNames: clusterNames === null ? null : new Set(clusterNames),
    matchers: matcherCompilers,
    stats,
  });
  const config = compileRouteConfiguration(message, ctx, SIDES);
  const errors = problems.list.filter(({ severity }) => severity === "error");
  return {
    config,
    problems: errors.map(({ place, path, message: text }) => `${place?.line}:${path}: ${text}`),
  };
}

/** For tests: a worker without a clock; configurations of filters are built to texts. */
export const NO_DEPS: RouteTableDeps = {
  worker: { nowMs: () => 0, wallMs: () => 0, runtime: new Runtime() } as RouteTableDeps["worker"],
  buildPerRoute: (type, plain) =>
    `${type.slice(type.lastIndexOf(".") + 1)} ${JSON.stringify(plain)}`,
};

/** For tests: the table of a text without errors, as a worker with that runtime gets it. */
export function tableOf(yaml: string, runtime: Runtime = NO_DEPS.worker.runtime): RouteTable {
  const { config, problems } = compileTable(yaml);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const worker = { ...NO_DEPS.worker, runtime };
  return buildRouteTable(structuredClone(config), { ...NO_DEPS, worker });
}

/** For tests: `:method`, `:scheme`, `:authority` and so on, GET http://h.com by default. */
export function request(path: string, ...pairs: readonly string[]): HeaderMap {
  const defaults = [
    ":method",
    "GET",
    ":scheme",
    "http",
    ":authority",
    "h.com",
    "x-forwarded-proto",
    "http",
  ];
  return sampleHeaders(...defaults, ":path", path, ...pairs);
}

/** For tests: what formatters read of a request. */
export function contextOf(requestHeaders: HeaderMap): FormatContext {
  return sampleContext({ requestHeaders });
}

/** For tests: what a request without a stream is matched to. */
export function matchOf(table: RouteTable, headers: HeaderMap, random = 0): RouteEntry | null {
  return table.match(headers, new StreamInfo(), random);
}

/** For tests: the name of the route that takes a request; null when none does. */
export function routeOf(table: RouteTable, headers: HeaderMap, random = 0): string | null {
  return matchOf(table, headers, random)?.routeName ?? null;
}
