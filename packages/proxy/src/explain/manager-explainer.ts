import type { Place } from "@nuncio/api";
import { HeaderMap } from "@nuncio/codec";
import type { HttpConnectionManagerConfig } from "../http/connection-manager/model.ts";
import type { RouteTableConfig } from "../http/route/model.ts";
import { TlsRedirectEntry } from "../http/route/table/tls-redirect-entry.ts";
import { drawOf } from "./chance.ts";
import type { ExplainRequest } from "./explain-request.ts";
import { headerChanges } from "./header-changes.ts";
import type { Explanation, ManagerStep, Outcome } from "./model.ts";
import { outcomeOf } from "./outcome.ts";
import type { RehearsalRecord } from "./rehearsal-record.ts";
import type { Rehearsal, RehearsedRequest } from "./rehearsal.ts";
import { chooseTable, type ChosenTable } from "./table-choice.ts";
import { TableExplainer } from "./table-explainer.ts";

/** Where the parts of one connection manager stand; `scope` as in `TablePath`. */
export interface ManagerPlaces {
  manager(): Place | null;
  table(scope: number): Place | null;
  virtualHost(scope: number, index: number): Place | null;
  route(scope: number, virtualHost: number, index: number): Place | null;
  matcherRoutes(scope: number, virtualHost: number): readonly (Place | null)[];
  cluster(name: string): Place | null;
}

/** How much is told: everything, or what becomes of the request only. */
export type ExplainDetail = "all" | "outcomes";

type HttpPart = Pick<Explanation, "manager" | "scope" | "virtualHost" | "routes" | "outcomes">;
type RoutePart = Pick<HttpPart, "virtualHost" | "routes" | "outcomes">;
type Run = (random: number) => RehearsalRecord;

/** Explains what one HTTP connection manager does with requests. */
export class ManagerExplainer {
  readonly #config: HttpConnectionManagerConfig;
  readonly #rehearsal: Rehearsal;
  readonly #places: ManagerPlaces;
  readonly #tables = new Map<RouteTableConfig, TableExplainer>();

  constructor(config: HttpConnectionManagerConfig, rehearsal: Rehearsal, places: ManagerPlaces) {
    this.#config = config;
    this.#rehearsal = rehearsal;
    this.#places = places;
  }

  explain(
    request: ExplainRequest,
    rehearsed: Omit<RehearsedRequest, "random">,
    detail: ExplainDetail,
  ): HttpPart {
    const run: Run = (random) => this.#run({ ...rehearsed, random });
    const first = run(0);
    const manager = this.#managerStep(request, first);
    if (first.routed === null) return { manager, scope: null, ...this.#unrouted(first) };
    const chosen = chooseTable(this.#config, first.routed);
    const scope = this.#scopeOf(chosen);
    if (chosen.table === null) return { manager, scope, ...this.#unrouted(first) };
    const table = this.#tableOf(chosen.table, chosen.scope);
    return { manager, scope, ...this.#routePart(table, first, run, detail) };
  }

  #routePart(
    table: TableExplainer,
    first: RehearsalRecord,
    run: Run,
    detail: ExplainDetail,
  ): RoutePart {
    const headers = first.routed!;
    const found = table.virtualHost(headers, detail === "all");
    const { chosen } = found;
    if (chosen === null || first.route instanceof TlsRedirectEntry) {
      const virtualHost = table.choice(found, []);
      return { ...this.#unrouted(first), virtualHost };
    }
    const choice = table.routes(chosen, headers, first.info);
    const walk =
      detail === "all"
        ? table.walk(choice, headers, first.info)
        : table.outcomes(choice, headers, first.info);
    const outcomes = walk.outcomes.map(({ index, probability, example }) => {
      const record = run(drawOf(example));
      checkSame(
        record.route?.routeName,
        index === null ? undefined : (choice.routes[index]!.name ?? ""),
      );
      const place = index === null ? null : choice.placeOf(index);
      return this.#outcome(record, probability, index, place);
    });
    return {
      virtualHost: table.choice(found, choice.matcher),
      routes: detail === "all" ? table.trials(walk, choice) : [],
      outcomes: outcomes.toSorted((a, b) => b.probability - a.probability),
    };
  }

  #unrouted(record: RehearsalRecord): RoutePart {
    return { virtualHost: null, routes: [], outcomes: [this.#outcome(record, 1, null, null)] };
  }

  #run(request: RehearsedRequest): RehearsalRecord {
    const record = this.#rehearsal.run(this.#config, request);
    if (record.exceptions.length > 0) throw record.exceptions[0] as Error;
    return record;
  }

  #managerStep(request: ExplainRequest, record: RehearsalRecord): ManagerStep {
    const { routed, clientAddress, internal } = record;
    return {
      statPrefix: this.#config.scope.prefix.replace(/^http\.|\.$/g, ""),
      place: this.#places.manager(),
      clientAddress,
      internal,
      changes: routed === null ? [] : headerChanges(asSent(request), routed),
    };
  }

  #scopeOf({ table, scope, key }: ChosenTable): HttpPart["scope"] {
    if (this.#config.scopedRoutes === null) return null;
    return { key, found: table !== null, place: scope < 0 ? null : this.#places.table(scope) };
  }

  #tableOf(config: RouteTableConfig, scope: number): TableExplainer {
    let table = this.#tables.get(config);
    if (table === undefined) {
      const places = {
        virtualHost: (index: number) => this.#places.virtualHost(scope, index),
        route: (host: number, index: number) => this.#places.route(scope, host, index),
        matcherRoutes: (host: number) => this.#places.matcherRoutes(scope, host),
      };
      table = new TableExplainer(config, places, this.#rehearsal.runtime);
      this.#tables.set(config, table);
    }
    return table;
  }

  #outcome(
    record: RehearsalRecord,
    probability: number,
    index: number | null,
    place: Place | null,
  ): Outcome {
    return outcomeOf(record, {
      probability,
      index,
      place,
      config: this.#config,
      clusterPlace: (name) => this.#places.cluster(name),
      endpoints: (name) => this.#rehearsal.clusters.endpoints(name),
    });
  }
}

/** The route by its name; undefined for none. A difference is a defect of ours. */
function checkSame(done: string | undefined, explained: string | undefined): void {
  if (done !== explained)
    throw new Error(`explained route "${explained}", but the connection manager takes "${done}"`);
}

/** The head before the proxy touched it. */
function asSent(request: ExplainRequest): HeaderMap {
  const headers = new HeaderMap();
  headers.method = request.method;
  headers.authority = request.host;
  headers.path = request.method === "CONNECT" ? "" : request.target;
  for (const [name, value] of request.headers)
    headers.add(name, Buffer.from(value, "utf8").toString("latin1"));
  return headers;
}
