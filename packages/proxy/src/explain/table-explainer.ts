import type { Place } from "@nuncio/api";
import type { HeaderMap } from "@nuncio/codec";
import type { RouteConfig, RouteTableConfig } from "../http/route/model.ts";
import { httpInputs } from "../matching/inputs/http.ts";
import { HttpMatchingData } from "../matching/matching-data.ts";
import type { StreamInfo } from "../observe/stream-info.ts";
import type { Runtime } from "../runtime/snapshot.ts";
import { drawOf } from "./chance.ts";
import { MatcherWalker } from "./matcher-walk.ts";
import type { MatcherStep, RouteTrial, VirtualHostChoice } from "./model.ts";
import { pathText } from "./route-criteria.ts";
import { RouteProof } from "./route-proof.ts";
import { RouteWalker, type Walk } from "./route-walk.ts";
import { treeActions } from "./tree-actions.ts";
import {
  domainKind,
  VirtualHostChoices,
  type ChosenVirtualHost,
  type DomainOf,
} from "./virtual-host-choice.ts";

/** Where the parts of one route table stand. */
export interface TablePlaces {
  virtualHost(index: number): Place | null;
  route(virtualHost: number, index: number): Place | null;
  /** Of the routes below the virtual host's matcher, in the order in which they are written down. */
  matcherRoutes(virtualHost: number): readonly (Place | null)[];
}

/** The routes of a request: those of its virtual host, or the list that the matcher leads to. */
export interface RoutesChoice {
  readonly routes: readonly RouteConfig[];
  readonly matcher: readonly MatcherStep[];
  /** Of a route by its number in the list. */
  readonly placeOf: (index: number) => Place | null;
}

/** Explains how one route table chooses. */
export class TableExplainer {
  readonly #places: TablePlaces;
  readonly #runtime: Runtime;
  readonly #virtualHosts: VirtualHostChoices;
  readonly #walker: RouteWalker;
  readonly #proof: RouteProof;

  /** `runtime` has the values that decide, and does not change. */
  constructor(config: RouteTableConfig, places: TablePlaces, runtime: Runtime) {
    this.#places = places;
    this.#runtime = runtime;
    this.#virtualHosts = new VirtualHostChoices(config);
    this.#walker = new RouteWalker(config, runtime);
    this.#proof = new RouteProof(config, runtime);
  }

  /** Candidates are looked for when they are to be told. */
  virtualHost(headers: HeaderMap, withCandidates: boolean): ChosenVirtualHost {
    return this.#virtualHosts.choose(headers, withCandidates);
  }

  /** The routes to ask. */
  routes({ config, index: host }: DomainOf, headers: HeaderMap, info: StreamInfo): RoutesChoice {
    const { matcher, routes } = config;
    const places = this.#places;
    if (matcher === undefined) {
      return { routes, matcher: [], placeOf: (index) => places.route(host, index) };
    }
    const data = new HttpMatchingData();
    data.requestHeaders = headers;
    data.streamInfo = info;
    const { action, steps } = new MatcherWalker(matcher, httpInputs, this.#runtime).walk(data);
    const list = action ?? [];
    const first = treeActions(matcher).flat().indexOf(list[0]!);
    const placeOf = (index: number): Place | null =>
      places.matcherRoutes(host)[first + index] ?? null;
    return { routes: list, matcher: steps, placeOf };
  }

  /** What becomes of a request, by the table itself where no share of a route is in the way. */
  outcomes(choice: RoutesChoice, headers: HeaderMap, info: StreamInfo): Walk {
    const { routes } = choice;
    if (this.#walker.drawsAmong(routes)) return this.walk(choice, headers, info);
    const found = this.#proof.find(routes, headers, info, 0);
    return this.#walker.outcomesOf(routes, found, headers, info);
  }

  /** The routes that were asked; every outcome is held against the table that workers build. */
  walk({ routes }: RoutesChoice, headers: HeaderMap, info: StreamInfo): Walk {
    const walk = this.#walker.walk(routes, headers, info);
    for (const { index, example } of walk.outcomes) {
      this.#proof.check(routes, headers, info, drawOf(example), index);
    }
    return walk;
  }

  choice(
    { host, chosen, candidates }: ChosenVirtualHost,
    matcher: readonly MatcherStep[],
  ): VirtualHostChoice {
    if (chosen === null) {
      const why =
        host === undefined
          ? "the header of vhost_header is missing"
          : `no virtual host has a domain for ${JSON.stringify(host)}`;
      return { name: null, domain: "", how: "none", why, place: null, candidates: [], matcher };
    }
    const kind = domainKind(chosen.domain);
    return {
      name: chosen.config.name,
      domain: chosen.domain,
      how: kind,
      why: `${DOMAIN_KINDS[kind]} ${chosen.domain} takes ${JSON.stringify(host)}`,
      place: this.#places.virtualHost(chosen.index),
      candidates: candidates.map(({ config, domain, index }) => ({
        name: config.name,
        why: `${DOMAIN_KINDS[domainKind(domain)]} ${domain} is less specific`,
        place: this.#places.virtualHost(index),
      })),
      matcher,
    };
  }

  trials(walk: Walk, { placeOf }: RoutesChoice): RouteTrial[] {
    return walk.trials.map(({ index, route, checks, taken }, at) => {
      const probability = taken?.probability ?? 0;
      const isLast = at === walk.trials.length - 1 && walk.outcomes.at(-1)?.index !== null;
      return {
        index,
        name: route.name ?? "",
        place: placeOf(index),
        path: pathText(route.match.path),
        verdict: taken === null ? "refused" : isLast ? "taken" : "chance",
        probability,
        checks,
      };
    });
  }
}

const DOMAIN_KINDS = {
  exact: "the domain",
  suffix: "the suffix",
  prefix: "the prefix",
  any: "the catch-all",
} as const;
