import type { HeaderMap } from "@nuncio/codec";
import type { RouteTableConfig, VirtualHostConfig } from "../http/route/model.ts";
import { DomainIndex } from "../http/route/table/domain-index.ts";
import { hostToMatch } from "../http/route/table/host-to-match.ts";
import type { DomainKind } from "./model.ts";

/** A domain of a virtual host. */
export interface DomainOf {
  readonly domain: string;
  /** In the configuration. */
  readonly index: number;
  readonly config: VirtualHostConfig;
}

/** The virtual host that the authority chooses, by which domain, and who else would have taken it. */
export interface ChosenVirtualHost {
  /** The host that was looked for; undefined when the header that should have it (`vhost_header`) is missing. */
  readonly host: string | undefined;
  readonly chosen: DomainOf | null;
  readonly candidates: readonly DomainOf[];
}

/** How many candidates are named. */
const CANDIDATES_MAX = 10;

/** Asks the index that the route table uses, with the domains themselves as what is found. */
export class VirtualHostChoices {
  readonly #table: RouteTableConfig;
  /** Those that others may hide, each with an index of its own. */
  readonly #wildcards: readonly (readonly [DomainOf, DomainIndex<DomainOf>])[];
  readonly #index: DomainIndex<DomainOf>;

  constructor(table: RouteTableConfig) {
    this.#table = table;
    const ignorePort = table.ignorePortInHostMatching;
    const all = table.virtualHosts.flatMap((config, index) =>
      config.domains.map((domain) => ({ domain, index, config })),
    );
    this.#index = indexOf(all, ignorePort);
    this.#wildcards = all
      .filter(({ domain }) => domainKind(domain) !== "exact")
      .map((each) => [each, indexOf([each], ignorePort)]);
  }

  /** Candidates are looked for when they are to be told. */
  choose(headers: HeaderMap, withCandidates: boolean): ChosenVirtualHost {
    const host = hostToMatch(this.#table, headers);
    const chosen = this.#index.find(host);
    if (!withCandidates || host === undefined) return { host, chosen, candidates: [] };
    const candidates = this.#wildcards
      .filter(([each, index]) => each !== chosen && index.find(host) !== null)
      .map(([each]) => each);
    return { host, chosen, candidates: candidates.slice(0, CANDIDATES_MAX) };
  }
}

/** What sort of domain it is. */
export function domainKind(domain: string): DomainKind {
  if (domain === "*") return "any";
  if (domain.startsWith("*")) return "suffix";
  return domain.endsWith("*") ? "prefix" : "exact";
}

function indexOf(domains: readonly DomainOf[], ignorePort: boolean): DomainIndex<DomainOf> {
  const index = new DomainIndex<DomainOf>(ignorePort);
  for (const each of domains) index.add(each.domain, each);
  return index;
}
