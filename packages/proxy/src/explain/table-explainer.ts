import type { Place } from "@nuncio/api";
import type { HeaderMap } from "@nuncio/codec";
import type { RouteTableConfig } from "../http/route/model.ts";
import type { StreamInfo } from "../observe/stream-info.ts";
import { drawOf } from "./chance.ts";
import type { RouteTrial, VirtualHostChoice } from "./model.ts";
import { pathText } from "./route-criteria.ts";
import { RouteProof } from "./route-proof.ts";
import { RouteWalker, type Walk } from "./route-walk.ts";
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
}

/** Explains how one route table chooses. */
export class TableExplainer {
  readonly places: TablePlaces;
  readonly #virtualHosts: VirtualHostChoices;
  readonly #walker: RouteWalker;
  readonly #proof: RouteProof;

  constructor(config: RouteTableConfig, places: TablePlaces) {
    this.places = places;
    this.#virtualHosts = new VirtualHostChoices(config);
    this.#walker = new RouteWalker(config);
    this.#proof = new RouteProof(config);
  }

  /** Candidates are looked for when they are to be told. */
  virtualHost(authority: string, withCandidates: boolean): ChosenVirtualHost {
    return this.#virtualHosts.choose(authority, withCandidates);
  }

  /** The routes that were asked; every outcome is held against the table that workers build. */
  walk({ config }: DomainOf, headers: HeaderMap, info: StreamInfo): Walk {
    const walk = this.#walker.walk(config, headers, info);
    for (const { index, example } of walk.outcomes) {
      this.#proof.check(config, headers, info, drawOf(example), index);
    }
    return walk;
  }

  choice(authority: string, { chosen, candidates }: ChosenVirtualHost): VirtualHostChoice {
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
      place: this.places.virtualHost(chosen.index),
      candidates: candidates.map(({ config, domain, index }) => ({
        name: config.name,
        why: `${DOMAIN_KINDS[domainKind(domain)]} ${domain} is less specific`,
        place: this.places.virtualHost(index),
      })),
    };
  }

  trials(walk: Walk, { index: host }: DomainOf): RouteTrial[] {
    return walk.trials.map(({ index, route, checks, taken }, at) => {
      const probability = taken?.probability ?? 0;
      const isLast = at === walk.trials.length - 1 && walk.outcomes.at(-1)?.index !== null;
      return {
        index,
        name: route.name ?? "",
        place: this.places.route(host, index),
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
