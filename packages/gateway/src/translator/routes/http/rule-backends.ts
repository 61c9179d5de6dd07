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
  return backends.resolveAll(refs, { protocol, where }).map((resolved) => {
    const { ref, index } = resolved;
    const effects = filterEffects(ref.filters, `${where}[${index}].filters`, context);
    return { ...resolved, effects };
  });
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
