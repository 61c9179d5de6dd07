import type { IrWeightedCluster } from "../../../ir/route.ts";
import type { ResolvedRef } from "../../backends/backend-references.ts";
import type { HttpBackendRef } from "../objects.ts";
import { filterEffects, type FilterEffects } from "./filters.ts";
import type { RuleContext } from "./rule-context.ts";

/** A backend of a rule, and what its own filters do. */
export interface RuleBackend extends ResolvedRef<HttpBackendRef> {
  readonly effects: FilterEffects;
}

/** The backends of a rule. */
export function ruleBackends(
  refs: readonly HttpBackendRef[],
  where: string,
  context: RuleContext,
): RuleBackend[] {
  const { backends, kind } = context;
  const protocol = kind === "GRPCRoute" ? "grpc" : "http";
  const resolvedRefs = backends.resolveAll(refs, { protocol, where });
  refuseFiltersOfFallbacks(refs, resolvedRefs, where, context);
  return resolvedRefs.map((resolved) => {
    const { ref, index } = resolved;
    const effects = filterEffects(ref.filters, `${where}[${index}].filters`, context);
    return { ...resolved, effects };
  });
}

/** A fallback is a part of the clusters of the others, so nothing can be done with its requests alone. */
function refuseFiltersOfFallbacks(
  refs: readonly HttpBackendRef[],
  resolved: readonly ResolvedRef<HttpBackendRef>[],
  where: string,
  { faults }: RuleContext,
): void {
  for (const [index, { name, filters = [] }] of refs.entries())
    if (filters.length > 0 && resolved.every((one) => one.index !== index))
      faults.unsupported(
        `${where}[${index}].filters`,
        `Backend ${name} is a fallback, expected no filters of its own: those of the rule apply`,
      );
}

/** True when a weighted cluster cannot do it: its requests need a route of their own. */
export function needsOwnRoute({ effects }: RuleBackend): boolean {
  const { redirect, rewrite, cors, externalAuth, mirrors } = effects;
  return (
    redirect !== undefined ||
    rewrite !== undefined ||
    cors !== undefined ||
    externalAuth !== undefined ||
    mirrors.length > 0
  );
}

/** A backend among others of a route. */
export function weightedCluster({ cluster, weight, effects }: RuleBackend): IrWeightedCluster {
  const { requestHeaders, responseHeaders } = effects;
  return {
    cluster,
    weight,
    ...(requestHeaders !== undefined && { requestHeaders }),
    ...(responseHeaders !== undefined && { responseHeaders }),
  };
}
