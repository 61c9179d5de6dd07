import type { HeaderMap } from "@nuncio/codec";
import { isGrpcRequest } from "../../../observe/format/grpc-status.ts";
import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { TlsInfo } from "../../../observe/tls-info.ts";
import type { Runtime } from "../../../runtime/snapshot.ts";
import { RuntimeFraction } from "../../../runtime/values.ts";
import { buildCookieMatcher } from "../matchers/cookie-matcher.ts";
import { buildFilterStateMatcher } from "../matchers/filter-state-matcher.ts";
import { buildHeaderMatcher } from "../matchers/header-matcher.ts";
import { buildMetadataMatcher } from "../matchers/metadata-matcher.ts";
import { buildQueryParameterMatcher } from "../matchers/query-parameter-matcher.ts";
import type { RouteConfig, RouteMatchConfig } from "../model.ts";
import { buildFullMatch } from "../regex/safe-regex.ts";

/** Everything that a route asks of a request beside its path. `random` is a whole number. */
export type Condition = (headers: HeaderMap, info: StreamInfo, random: number) => boolean;

const SLASH = 47;

/** What the routes of one virtual host ask beyond what an index of paths can tell; built when first asked for. */
export class Conditions {
  readonly #routes: readonly RouteConfig[];
  readonly #runtime: Runtime;
  readonly #conditions: (Condition | null | undefined)[] = [];
  readonly #regexes: (((path: string) => boolean) | undefined)[] = [];

  constructor(routes: readonly RouteConfig[], runtime: Runtime) {
    this.#routes = routes;
    this.#runtime = runtime;
  }

  /** Whether the route at `index` takes the request, if its path does. */
  hold(index: number, headers: HeaderMap, info: StreamInfo, random: number): boolean {
    let condition = this.#conditions[index];
    if (condition === undefined)
      condition = this.#conditions[index] = buildCondition(
        this.#routes[index]!.match,
        this.#runtime,
      );
    return condition === null || condition(headers, info, random);
  }

  /** Whether the path of the route at `index` takes `path`, which is known to begin as it must. */
  pathHolds(index: number, path: string): boolean {
    const { kind, value } = this.#routes[index]!.match.path;
    switch (kind) {
      case "prefix":
      case "exact":
        return true;
      case "separated_prefix":
        return path.length === value.length || path.charCodeAt(value.length) === SLASH;
      case "regex":
        return (this.#regexes[index] ??= buildFullMatch(value))(path);
      case "connect":
      case "nothing":
        return false;
    }
  }
}

/** Null for a route that only looks at the path. */
function buildCondition(match: RouteMatchConfig, runtime: Runtime): Condition | null {
  const conditions: Condition[] = [];
  if (match.runtimeFraction !== undefined) {
    const fraction = new RuntimeFraction(match.runtimeFraction, runtime);
    conditions.push((_headers, _info, random) => fraction.holds(random));
  }
  if (match.grpc === true) conditions.push(isGrpcRequest);
  for (const config of match.headers ?? []) conditions.push(buildHeaderMatcher(config));
  for (const config of match.queryParameters ?? []) {
    const matches = buildQueryParameterMatcher(config);
    conditions.push((headers) => matches(headers.path));
  }
  for (const config of match.cookies ?? []) conditions.push(buildCookieMatcher(config));
  conditions.push(...streamConditions(match));
  if (conditions.length <= 1) return conditions[0] ?? null;
  return (headers, info, random) => {
    for (const condition of conditions) if (!condition(headers, info, random)) return false;
    return true;
  };
}

/** What is asked of the connection, and of what filters found out. */
function streamConditions(match: RouteMatchConfig): Condition[] {
  const conditions: Condition[] = [];
  const { tlsContext } = match;
  if (tlsContext !== undefined)
    conditions.push((_headers, info) => holds(tlsContext, info.downstream?.tls ?? null));
  for (const config of match.dynamicMetadata ?? []) {
    const matches = buildMetadataMatcher(config);
    conditions.push((_headers, info) => matches(info));
  }
  for (const config of match.filterState ?? []) {
    const matches = buildFilterStateMatcher(config);
    conditions.push((_headers, info) => matches(info));
  }
  return conditions;
}

/** What is not asked holds; a plaintext connection has presented nothing. */
function holds({ presented, validated }: TlsContextConfig, tls: TlsInfo | null): boolean {
  if (presented !== undefined && presented !== (tls?.peerCertificatePresented === true))
    return false;
  return validated === undefined || validated === (tls?.peerCertificateValidated === true);
}

type TlsContextConfig = NonNullable<RouteMatchConfig["tlsContext"]>;
