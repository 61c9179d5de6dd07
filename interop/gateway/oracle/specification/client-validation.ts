import type { DocumentListener } from "./listeners.ts";
import type { DocumentObjects, Gateway } from "./objects.ts";

/**
 * `ResolvedRefs` of a Gateway: a summary of its listeners, and of references that are none of theirs
 * (GatewayConditionResolvedRefs).
 */
export function resolvedRefsOf(
  objects: DocumentObjects,
  gateway: Gateway,
  listeners: readonly DocumentListener[],
): string {
  const own = listeners.filter(
    ({ owner }) => owner.kind === "Gateway" && owner.key === gateway.key,
  );
  if (own.some(({ isResolved }) => !isResolved)) return "False/ListenersNotResolved";
  const { default: common, perPort = [] } = gateway.tls?.frontend ?? {};
  const refs = [common, ...perPort.map(({ tls }) => tls)].flatMap(
    (one) => one?.validation?.caCertificateRefs ?? [],
  );
  const wrong = refs.find(
    ({ kind, name, namespace = gateway.namespace }) =>
      kind !== "ConfigMap" || !objects.stores.has(`ConfigMap ${namespace}/${name}`),
  );
  if (wrong === undefined) return "True/ResolvedRefs";
  return `False/InvalidCACertificate${wrong.kind === "ConfigMap" ? "Ref" : "Kind"}`;
}
