import type { RouteAttachments } from "./attachments.ts";
import { isWithoutAuthorities, policiesOf, serviceOf, serviceTargets } from "./backends.ts";
import type { DocumentObjects, Policy, Ref, Rule } from "./objects.ts";
import { hasOptions } from "./tls-options.ts";

/** The Gateways at which a route uses a target of a policy, whichever port of it (PolicyStatus.ancestors). */
export function specifiedAncestors(
  objects: DocumentObjects,
  { all }: RouteAttachments,
  policy: Policy,
): Set<string> {
  const targets = new Set(serviceTargets(policy).map(({ name }) => `${policy.namespace}/${name}`));
  const using = all.filter(({ route }) =>
    route.rules
      .flatMap(backendsOf)
      .some((ref) => targets.has(serviceOf(objects, route, ref)?.key ?? "")),
  );
  return new Set(using.map(({ listener }) => listener.gateway.key));
}

/** All that a rule sends requests to, or copies of them. */
export function backendsOf({ backendRefs = [], filters = [] }: Rule): Ref[] {
  const all = [...filters, ...backendRefs.flatMap((ref) => ref.filters ?? [])];
  return [...backendRefs, ...all.flatMap(({ requestMirror }) => requestMirror?.backendRef ?? [])];
}

/**
 * What is said of a policy to each of its ancestors: a condition, as `status/reason`; null: it is not said
 * (BackendTLSPolicy, PolicyConditionReason).
 */
export function policyCondition(
  objects: DocumentObjects,
  policy: Policy,
  type: string,
): string | null {
  const { namespace, validation } = policy;
  const isWinner = serviceTargets(policy).some(
    (ref) => policiesOf(objects, `${namespace}/${ref.name}`, ref.sectionName)[0] === policy,
  );
  if (!isWinner) return type === "Accepted" ? "False/Conflicted" : null;
  if (type === "ResolvedRefs")
    return authoritiesResolved(objects, namespace, validation.caCertificateRefs ?? []);
  if (hasOptions(policy)) return "False/Invalid";
  if (isWithoutAuthorities(objects, policy)) return "False/NoValidCACertificate";
  return hasTarget(objects, policy) ? "True/Accepted" : "False/TargetNotFound";
}

/** BackendTLSPolicyConditionReason; the first reference that is wrong counts. */
function authoritiesResolved(
  { stores }: DocumentObjects,
  namespace: string,
  refs: readonly Ref[],
): string {
  const wrong = refs.find(({ kind, name }) => !stores.has(`${kind} ${namespace}/${name}`));
  if (wrong === undefined) return "True/ResolvedRefs";
  const isKnown = wrong.kind === "ConfigMap" || wrong.kind === "Secret";
  return `False/${isKnown ? "InvalidCACertificateRef" : "InvalidKind"}`;
}

function hasTarget({ services }: DocumentObjects, policy: Policy): boolean {
  return serviceTargets(policy).some(({ name, sectionName }) => {
    const ports = services.get(`${policy.namespace}/${name}`)?.ports ?? [];
    return sectionName === undefined || ports.some((port) => port.name === sectionName);
  });
}
