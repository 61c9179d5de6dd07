import { INVALID, sharesOf, type Chain } from "../connections.ts";
import { backendTlsText, HTTP2 } from "../route-features.ts";
import type { DocumentObjects, Policy, Ref, Route } from "./objects.ts";
import { hasOptions } from "./tls-options.ts";

/** What calls of gRPC cannot be sent by. */
export const WEB_SOCKET = "kubernetes.io/ws";

/** The Service that a reference of a route leads to, if it may. Undefined: it leads nowhere. */
export function serviceOf(
  objects: DocumentObjects,
  { kind, namespace: own }: Route,
  { group = "", kind: wanted = "Service", namespace = own, name, port }: Ref,
): { readonly key: string; readonly portName: string; readonly text: string } | undefined {
  if (group !== "" || wanted !== "Service") return undefined;
  if (!objects.permits({ kind, namespace: own }, { kind: wanted, namespace, name }))
    return undefined;
  const protocol = kind === "UDPRoute" ? "UDP" : "TCP";
  const key = `${namespace}/${name}`;
  const found = objects.services
    .get(key)
    ?.ports.find((one) => one.port === port && one.protocol === protocol);
  if (found === undefined || (kind === "GRPCRoute" && found.appProtocol === WEB_SOCKET))
    return undefined;
  const isHttp2 =
    kind === "GRPCRoute" || (kind === "HTTPRoute" && found.appProtocol === "kubernetes.io/h2c");
  return { key, portName: found.name, text: `${key}:${port}${isHttp2 ? HTTP2 : ""}` };
}

/** The policies of a port of a Service, or of the whole: the first by name counts (BackendTLSPolicySpec.targetRefs). */
export function policiesOf(
  { policies }: DocumentObjects,
  key: string,
  portName: string | undefined,
): Policy[] {
  return policies.filter((policy) =>
    serviceTargets(policy).some(
      ({ name, sectionName }) => `${policy.namespace}/${name}` === key && sectionName === portName,
    ),
  );
}

/** The targets of a policy that are Services: others are none here. */
export function serviceTargets({ targetRefs }: Policy): Ref[] {
  return targetRefs.filter(({ group = "", kind }) => group === "" && kind === "Service");
}

function policyOf(objects: DocumentObjects, key: string, portName: string): Policy | undefined {
  const [ofPort] = policiesOf(objects, key, portName);
  return ofPort ?? policiesOf(objects, key, undefined)[0];
}

/** @param backend as texts have it: `namespace/name:port`, and how it is spoken to */
export function isOfRefusedPolicy(objects: DocumentObjects, backend: string): boolean {
  const [, key = "", port] = /^(.*?):(\d+)/.exec(backend) ?? [];
  const ports = objects.services.get(key)?.ports ?? [];
  const found = ports.find((one) => `${one.port}` === port && one.protocol !== "UDP");
  const policy = found && policyOf(objects, key, found.name);
  return policy !== undefined && hasOptions(policy);
}

/** Whether none of the authorities of a policy is there. */
export function isWithoutAuthorities(
  { stores }: DocumentObjects,
  { namespace, validation }: Policy,
): boolean {
  const { caCertificateRefs = [], wellKnownCACertificates } = validation;
  if (wellKnownCACertificates !== undefined) return false;
  return !caCertificateRefs.some(({ kind, name }) => stores.has(`${kind} ${namespace}/${name}`));
}

/**
 * A reference of a route, as texts of backends have it.
 *
 * @param isClear nobody but the client, or nobody, speaks TLS to the backend
 */
export function backendText(
  objects: DocumentObjects,
  route: Route,
  ref: Ref,
  isClear = false,
): string {
  const service = serviceOf(objects, route, ref);
  if (service === undefined) return INVALID;
  const { text } = service;
  const policy = isClear ? undefined : policyOf(objects, service.key, service.portName);
  if (policy === undefined) return text;
  if (hasOptions(policy) || isWithoutAuthorities(objects, policy)) return INVALID;
  const { hostname, wellKnownCACertificates, subjectAltNames = [] } = policy.validation;
  const names = subjectAltNames.map((one) =>
    one.uri === undefined ? `dns:${one.hostname}` : `uri:${one.uri}`,
  );
  const ca = wellKnownCACertificates === undefined ? policy.key : "system";
  return text + backendTlsText({ sni: hostname, ca, names });
}

/** What the connections of a route below HTTP come to. Backends that are not there keep their share (TCPRouteRule.backendRefs). */
export function backendShares(
  objects: DocumentObjects,
  route: Route,
  isClear: boolean,
): Pick<Chain, "backends" | "missing"> {
  const [rule] = route.rules;
  return sharesOf(
    (rule?.backendRefs ?? []).map((ref) => ({
      to: backendText(objects, route, ref, isClear),
      weight: ref.weight ?? 1,
    })),
  );
}
