import type { Place } from "@nuncio/api";
import type { HeaderMap } from "@nuncio/codec";
import type { HttpConnectionManagerConfig } from "../http/connection-manager/model.ts";
import { conditionNames } from "../http/retry/retry-on.ts";
import type { RouteEntry } from "../http/route/entry.ts";
import { TlsRedirectEntry } from "../http/route/table/tls-redirect-entry.ts";
import { hashStep } from "./hash-step.ts";
import { headerChanges, steadyValue } from "./header-changes.ts";
import type {
  ChosenRoute,
  Endpoint,
  FilterStep,
  HeaderLine,
  LocalResponse,
  Outcome,
  QuestionStep,
  UpstreamStep,
} from "./model.ts";
import type { RehearsalRecord, UpstreamRecord } from "./rehearsal-record.ts";

/** What is known of an outcome beside what was seen of it. */
export interface OutcomeFacts {
  readonly probability: number;
  /** Of the route in its virtual host; null without one. */
  readonly index: number | null;
  readonly place: Place | null;
  readonly config: HttpConnectionManagerConfig;
  clusterPlace(name: string): Place | null;
  endpoints(cluster: string): readonly Endpoint[];
}

/** Puts what a rehearsal saw in the form that is shown. */
export function outcomeOf(record: RehearsalRecord, facts: OutcomeFacts): Outcome {
  return {
    probability: facts.probability,
    route: chosenRoute(record, facts),
    filters: filterSteps(record, facts.config),
    asked: record.asked.map((sent) => questionStep(sent, facts)),
    upstream: upstreamSteps(record, facts),
    response: localResponse(record),
    responseHeaders: record.upstream.length === 0 ? [] : addedHeaders(record),
  };
}

function chosenRoute(record: RehearsalRecord, facts: OutcomeFacts): ChosenRoute | null {
  const { route } = record;
  if (route === null || route === undefined) return null;
  return {
    virtualHost: route.virtualHostName,
    name: route.routeName,
    index: facts.index ?? -1,
    kind: route instanceof TlsRedirectEntry ? "tls_redirect" : route.kind,
    place: facts.place,
    timeouts: route.kind === "route" ? timeoutsOf(route, record, facts.config) : {},
    retries: retriesOf(route),
  };
}

/** Those in force: headers of a trusted sender and the connection manager's settings count, too. */
function timeoutsOf(
  route: RouteEntry,
  record: RehearsalRecord,
  config: HttpConnectionManagerConfig,
): ChosenRoute["timeouts"] {
  const perTryMs = route.retryPolicy?.config.perTryTimeoutMs ?? 0;
  // With a time for each attempt the upstream is told that one.
  const expected =
    perTryMs > 0 ? undefined : record.upstream[0]?.headers.get("x-envoy-expected-rq-timeout-ms");
  return {
    timeout_ms: expected === undefined ? route.timeoutMs : Number(expected),
    ...(perTryMs > 0 && { per_try_timeout_ms: perTryMs }),
    idle_timeout_ms: route.idleTimeoutMs ?? config.streamIdleTimeoutMs,
    max_stream_duration_ms: route.maxStreamDurationMs ?? config.maxStreamDurationMs,
    request_timeout_ms: config.requestTimeoutMs,
  };
}

function retriesOf({ retryPolicy }: RouteEntry): ChosenRoute["retries"] {
  if (retryPolicy === null || retryPolicy.config.on === 0) return null;
  const { on, retriesMax: max } = retryPolicy.config;
  return { on: conditionNames(on), max };
}

function filterSteps(record: RehearsalRecord, config: HttpConnectionManagerConfig): FilterStep[] {
  // An upgrade may have filters of its own.
  const chain = record.filters[0]?.chain ?? config.filters;
  const last = chain.length - 1;
  return chain.map(({ name, type, disabled }, index) => {
    const seen = record.filters.find((filter) => filter.index === index);
    if (seen === undefined) {
      const off = record.route?.filterDisabled(name);
      const why = (off ?? disabled) ? whyDisabled(off) : "not reached";
      return { name, type, runs: false, why, changes: [], stopped: false };
    }
    // What the last filter, the router, changes is told of the request that leaves.
    const changes = index === last ? [] : headerChanges(seen.before, seen.after);
    return { name, type, runs: true, why: "", changes, stopped: seen.stopped && index !== last };
  });
}

function whyDisabled(byRoute: boolean | undefined): string {
  return byRoute === undefined ? "disabled" : "disabled by typed_per_filter_config";
}

function upstreamSteps(record: RehearsalRecord, facts: OutcomeFacts): UpstreamStep[] {
  const before = record.filters.at(-1)?.before ?? record.routed;
  return record.upstream.map((sent, index) => ({
    ...upstreamStep(sent, before, facts),
    hash: hashStep(sent, record, index > 0),
  }));
}

function upstreamStep(
  { cluster, priority, headers }: UpstreamRecord,
  before: HeaderMap | null,
  facts: OutcomeFacts,
): Omit<UpstreamStep, "hash"> {
  return {
    cluster,
    place: facts.clusterPlace(cluster),
    priority,
    endpoints: facts.endpoints(cluster),
    method: headers.method,
    host: headers.authority,
    path: headers.path,
    headers: linesOf(headers),
    changes: before === null ? [] : headerChanges(before, headers),
  };
}

function questionStep({ cluster, headers }: UpstreamRecord, facts: OutcomeFacts): QuestionStep {
  return {
    cluster,
    place: facts.clusterPlace(cluster),
    method: headers.method,
    host: headers.authority,
    path: headers.path,
    headers: linesOf(headers),
  };
}

function localResponse(record: RehearsalRecord): LocalResponse | null {
  const { response, flags, details, clusterName } = record;
  if (response === null || record.upstream.length > 0) return null;
  const missingCluster = flags.split(",").includes("NC") ? clusterName : "";
  return { ...response, headers: steady(response.headers), flags, details, missingCluster };
}

/** The length is that of the body that is not there. */
function addedHeaders({ response }: RehearsalRecord): HeaderLine[] {
  return steady(response?.headers ?? []).filter(
    ([name]) => name.toLowerCase() !== "content-length",
  );
}

function linesOf({ entries }: HeaderMap): HeaderLine[] {
  const lines: HeaderLine[] = [];
  for (let i = 0; i < entries.length; i += 2)
    lines.push([entries[i]!, steadyValue(entries[i]!, entries[i + 1]!)]);
  return lines;
}

/** Without what is another value each time. */
function steady(headers: readonly HeaderLine[]): HeaderLine[] {
  return headers.map(([name, value]) => [name, steadyValue(name.toLowerCase(), value)]);
}
