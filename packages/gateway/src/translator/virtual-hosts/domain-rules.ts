import { Cells } from "../../incremental/cells.ts";
import type { TranslatedRoute } from "../translated-route.ts";
import { rankedRules, type RankedRule } from "./ranked-rule.ts";
import { RuleList } from "./rule-list.ts";

/**
 * By `domainKey`: the rules of all routes that name a domain at a listener. A list is there as long as a route names it, and
 * is changed in place: read it, do not keep it.
 */
export class DomainRules extends Cells<RuleList> {
  constructor(routes: Cells<TranslatedRoute>) {
    super("rules by domain");
    routes.onChange((route, value, before) => {
      const rules = rulesByDomain(route, value);
      for (const domain of rulesByDomain(route, before).keys())
        if (!rules.has(domain)) this.#leave(domain, route);
      for (const [domain, ofDomain] of rules) this.#put(domain, route, ofDomain);
    });
  }

  #put(domain: string, route: string, rules: readonly RankedRule[]): void {
    const list = this.peek(domain) ?? new RuleList();
    if (list.set(route, rules)) this.put(domain, list);
  }

  #leave(domain: string, route: string): void {
    const list = this.peek(domain)!;
    list.delete(route);
    this.put(domain, list.isEmpty ? undefined : list);
  }
}

/** A domain at a listener. */
export function domainKey(listener: string, domain: string): string {
  return `${listener}|${domain}`;
}

function rulesByDomain(
  route: string,
  translated: TranslatedRoute | undefined,
): Map<string, readonly RankedRule[]> {
  const rules = new Map<string, readonly RankedRule[]>();
  if (translated === undefined) return rules;
  for (const { listener, domains } of translated.parents.flatMap((one) => one.attachments)) {
    const ofListener = rankedRules(route, translated, listener);
    for (const domain of domains) rules.set(domainKey(listener, domain), ofListener);
  }
  return rules;
}
