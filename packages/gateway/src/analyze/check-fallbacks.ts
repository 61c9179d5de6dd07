import type { Backend } from "#gen/resources";
import { namespaceOf, objectKey, type Resource } from "../resources/object.ts";
import { backendKind } from "../translator/backends/backend-kinds.ts";
import type { BackendRef, RouteObject } from "../translator/routes/objects.ts";
import { isRoute } from "./is-route.ts";
import type { AnalyzedResources, Check, Finding } from "./mistake.ts";
import { withoutEffect } from "./without-effect.ts";

/** What is said of Backends with `fallback` beside others, which are parts of the others' clusters. Alone they are like them. */
export const checkFallbacks: Check = (resources) => {
  const used = resources.objects
    .filter(isRoute<Rule>)
    .flatMap((route) => fallbacksOf(resources, route));
  const protocols = new Set(
    used.filter(({ backend }) => backend.spec.appProtocols !== undefined).map((one) => one.backend),
  );
  return [
    ...used.flatMap(weight),
    ...Array.from(protocols, (backend) => {
      const message = "a fallback is spoken to as the backends are that it stands beside";
      return withoutEffect(backend, ["spec", "appProtocols"], message);
    }),
  ];
};

interface Fallback {
  readonly route: Resource;
  readonly path: readonly (string | number)[];
  readonly ref: BackendRef;
  readonly backend: Backend;
}

interface Rule {
  readonly backendRefs?: readonly BackendRef[];
}

function fallbacksOf({ store }: AnalyzedResources, route: RouteObject<Rule>): Fallback[] {
  return (route.spec.rules ?? []).flatMap(({ backendRefs = [] }, rule) => {
    const found = backendRefs.flatMap((ref, index): Fallback[] => {
      if (backendKind(ref.group ?? "", ref.kind ?? "") !== "Backend") return [];
      const key = objectKey(ref.namespace ?? namespaceOf(route), ref.name);
      const backend = store.table<Backend>("Backend").peek(key);
      const path = ["spec", "rules", rule, "backendRefs", index];
      return backend?.spec.fallback === true ? [{ route, path, ref, backend }] : [];
    });
    return found.length === backendRefs.length ? [] : found;
  });
}

function weight({ route, path, ref }: Fallback): Finding[] {
  // 1 is what it is when nothing is said.
  if ((ref.weight ?? 1) === 1) return [];
  const message = `Backend ${ref.name} is a fallback: it has no share while the others are there`;
  return [withoutEffect(route, [...path, "weight"], message)];
}
