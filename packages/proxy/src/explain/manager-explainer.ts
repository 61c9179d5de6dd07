import type { Place } from "@nuncio/api";
import { HeaderMap } from "@nuncio/codec";
import type { HttpConnectionManagerConfig } from "../http/connection-manager/model.ts";
import { TlsRedirectEntry } from "../http/route/table/tls-redirect-entry.ts";
import { StreamInfo } from "../observe/stream-info.ts";
import { drawOf } from "./chance.ts";
import type { ExplainRequest } from "./explain-request.ts";
import { headerChanges } from "./header-changes.ts";
import type { Explanation, ManagerStep, RouteTrial, VirtualHostChoice } from "./model.ts";
import { outcomeOf } from "./outcome.ts";
import type { RehearsalRecord } from "./rehearsal-record.ts";
import type { RehearsedRequest, Rehearsal } from "./rehearsal.ts";
import { pathText } from "./route-criteria.ts";
import { RouteProof } from "./route-proof.ts";
import { RouteWalker, type Walk } from "./route-walk.ts";
import { VirtualHostChoices, domainKind, type DomainOf } from "./virtual-host-choice.ts";

/** Where the parts of one connection manager stand. */
export interface ManagerPlaces {
  manager(): Place | null;
  virtualHost(index: number): Place | null;
  route(virtualHost: number, index: number): Place | null;
  cluster(name: string): Place | null;
}

type HttpPart = Pick<Explanation, "manager" | "virtualHost" | "routes" | "outcomes">;

/** How much is told: everything, or what becomes of the request only. */
export type ExplainDetail = "all" | "outcomes";

/** Explains what one HTTP connection manager does with requests. */
export class ManagerExplainer {
  readonly #config: HttpConnectionManagerConfig;
  readonly #rehearsal: Rehearsal;
  readonly #places: ManagerPlaces;
  readonly #virtualHosts: VirtualHostChoices;
  readonly #walker: RouteWalker;
  readonly #proof: RouteProof;

  constructor(config: HttpConnectionManagerConfig, rehearsal: Rehearsal, places: ManagerPlaces) {
    this.#config = config;
    this.#rehearsal = rehearsal;
    this.#places = places;
    this.#virtualHosts = new VirtualHostChoices(config.routeTable);
    this.#walker = new RouteWalker(config.routeTable);
    this.#proof = new RouteProof(config.routeTable);
  }

  explain(
    request: ExplainRequest,
    rehearsed: Omit<RehearsedRequest, "random">,
    detail: ExplainDetail,
  ): HttpPart {
    const run = (random: number): RehearsalRecord => this.#run({ ...rehearsed, random });
    const first = run(0);
    const manager = this.#managerStep(request, first);
    const { routed } = first;
    if (routed === null) {
      const outcome = this.#outcome(1, first, null, null);
      return { manager, virtualHost: null, routes: [], outcomes: [outcome] };
    }
    const { chosen, candidates } = this.#virtualHosts.choose(routed.authority, detail === "all");
    const virtualHost = this.#virtualHostChoice(routed.authority, chosen, candidates);
    if (chosen === null || first.route instanceof TlsRedirectEntry) {
      const outcome = this.#outcome(1, first, chosen, null);
      return { manager, virtualHost, routes: [], outcomes: [outcome] };
    }
    const info = new StreamInfo();
    info.downstream = rehearsed.downstream;
    const walk = this.#walker.walk(chosen.config, routed, info);
    const outcomes = walk.outcomes.map(({ index, probability, example }) => {
      this.#proof.check(chosen.config, routed, info, drawOf(example), index);
      return this.#outcome(probability, run(drawOf(example)), chosen, index);
    });
    return {
      manager,
      virtualHost,
      routes: detail === "all" ? this.#trials(walk, chosen) : [],
      outcomes: outcomes.toSorted((a, b) => b.probability - a.probability),
    };
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

  #virtualHostChoice(
    authority: string,
    chosen: DomainOf | null,
    candidates: readonly DomainOf[],
  ): VirtualHostChoice {
    if (chosen === null) {
      const why = `no virtual host has a domain for ${JSON.stringify(authority)}`;
      return { name: null, domain: "", how: "none", why, place: null, candidates: [] };
    }
    const kind = domainKind(chosen.domain);
    return {
      name: chosen.config.name,
      domain: chosen.domain,
      how: kind,
      why: `${DOMAIN_KINDS[kind]} ${chosen.domain} takes ${JSON.stringify(authority)}`,
      place: this.#places.virtualHost(chosen.index),
      candidates: candidates.map(({ config, domain, index }) => ({
        name: config.name,
        why: `${DOMAIN_KINDS[domainKind(domain)]} ${domain} is less specific`,
        place: this.#places.virtualHost(index),
      })),
    };
  }

  #trials(walk: Walk, { index: host }: DomainOf): RouteTrial[] {
    return walk.trials.map(({ index, route, checks, taken }, at) => {
      const probability = taken?.probability ?? 0;
      const isLast = at === walk.trials.length - 1 && walk.outcomes.at(-1)?.index !== null;
      return {
        index,
        name: route.name ?? "",
        place: this.#places.route(host, index),
        path: pathText(route.match.path),
        verdict: taken === null ? "refused" : isLast ? "taken" : "chance",
        probability,
        checks,
      };
    });
  }

  #outcome(
    probability: number,
    record: RehearsalRecord,
    virtualHost: DomainOf | null,
    index: number | null,
  ): ReturnType<typeof outcomeOf> {
    const place =
      virtualHost === null || index === null ? null : this.#places.route(virtualHost.index, index);
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

const DOMAIN_KINDS = {
  exact: "the domain",
  suffix: "the suffix",
  prefix: "the prefix",
  any: "the catch-all",
} as const;

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
