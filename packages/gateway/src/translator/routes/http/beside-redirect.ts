import type { RuleFaults } from "./faults.ts";

/** Filters of requests that are sent on. A redirect sends none, so they could only be left out. */
const OF_FORWARDING = ["URLRewrite", "RequestMirror", "ExternalAuth"] as const;

/** Types of one list of filters that do not go with its RequestRedirect. */
export function refuseBesideRedirect(
  types: ReadonlySet<string>,
  where: string,
  faults: RuleFaults,
): void {
  if (!types.has("RequestRedirect")) return;
  for (const type of OF_FORWARDING)
    if (types.has(type))
      faults.incompatible(where, `expected either RequestRedirect or ${type}, got both`);
}

/** The same of a rule whose backend has the redirect. `where`: `rules[0].backendRefs[1].filters`. */
export function refuseOfRuleBesideRedirect(
  ofRule: ReadonlySet<string>,
  ofBackend: ReadonlySet<string>,
  where: string,
  faults: RuleFaults,
): void {
  if (!ofBackend.has("RequestRedirect")) return;
  for (const type of OF_FORWARDING)
    if (ofRule.has(type))
      faults.incompatible(where, `RequestRedirect does not go with ${type} of the rule`);
}
