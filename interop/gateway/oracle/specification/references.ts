import { backendsOf } from "./ancestors.ts";
import { serviceOf } from "./backends.ts";
import type { DocumentObjects, Ref, Route } from "./objects.ts";

/** What may be said of the references of a route, each as `status/reason` (RouteConditionReason). */
export function resolvedRefsOfRoute(objects: DocumentObjects, route: Route): Set<string> {
  const wrong = route.rules
    .flatMap(backendsOf)
    .filter((ref) => serviceOf(objects, route, ref) === undefined)
    .map((ref) => `False/${reasonOf(objects, route, ref)}`);
  return new Set(wrong.length === 0 ? ["True/ResolvedRefs"] : wrong);
}

function reasonOf(
  objects: DocumentObjects,
  { kind, namespace: own }: Route,
  { group = "", kind: wanted = "Service", namespace = own, name, port }: Ref,
): string {
  if (group !== "" || wanted !== "Service") return "InvalidKind";
  if (!objects.permits({ kind, namespace: own }, { kind: wanted, namespace, name }))
    return "RefNotPermitted";
  const protocol = kind === "UDPRoute" ? "UDP" : "TCP";
  const ports = objects.services.get(`${namespace}/${name}`)?.ports ?? [];
  const isThere = ports.some((one) => one.port === port && one.protocol === protocol);
  return isThere ? "UnsupportedProtocol" : "BackendNotFound";
}
