import type { IrWeightedCluster } from "../../../ir/route.ts";
import type { HttpBackendRef } from "../objects.ts";
import { filterEffects, type FilterEffects } from "./filters.ts";
import type { RuleContext } from "./rule-context.ts";

/** A backend of a rule, and what its own filters do. */
export interface RuleBackend {
  /** Where it stands in `backendRefs`. */
  readonly index: number;
  readonly cluster: string | null;
  readonly weight: number;
  readonly effects: FilterEffects;
}

/** All backends of a rule. Backends that are for when others are gone are part of the others' clusters. */
export function ruleBackends(
  refs: readonly HttpBackendRef[],
  where: string,
  context: RuleContext,
): RuleBackend[] {
  const { backends, kind } = context;
  const protocol = kind === "GRPCRoute" ? "grpc" : "http";
  const fallbackKeys = refs.map((ref) => backends.fallbackOf(ref, protocol));
  const areAll = fallbackKeys.every((key) => key !== undefined);
  const fallbacks = areAll ? [] : fallbackKeys.filter((key) => key !== undefined);
  return refs.flatMap((ref, index) => {
    const place = `${where}[${index}]`;
    const effects = filterEffects(ref.filters, `${place}.filters`, context);
    if (!areAll && fallbackKeys[index] !== undefined) return [];
    const cluster = backends.resolve(ref, { protocol, where: place, fallbacks });
    return [{ index, cluster, weight: ref.weight ?? 1, effects }];
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
