import type { FrontendTLSValidation, Gateway, TLSConfig } from "#gen/resources";
import type { Read } from "../../incremental/stage.ts";
import type { IrClientValidation } from "../../ir/listener.ts";
import { GATEWAY_GROUP } from "../../resources/kinds.ts";
import { keyOf, namespaceOf, objectKey, type ObjectRef } from "../../resources/object.ts";
import { qualifiedKind } from "../backends/backend-kinds.ts";
import { holdsAuthorities, readAuthorities } from "../certificates/authorities.ts";
import type { TranslatedAuthorities } from "../translated-gateway.ts";
import type { Objects } from "./listener-certificates.ts";
import type { Objection } from "./objection.ts";

/** How certificates of clients are checked at some port. */
export interface PortValidation {
  readonly validation?: IrClientValidation;
  readonly objections: readonly Objection[];
}

/** `spec.tls.frontend` of a Gateway: for HTTPS listeners, by port. */
export interface ClientValidation {
  readonly ofPort: (port: number) => PortValidation;
  readonly authorities: readonly TranslatedAuthorities[];
  /** References that lead nowhere, whether a listener has the port or not. */
  readonly problems: readonly Objection[];
  /** Where clients are let in without a valid certificate: `default`, or the port. */
  readonly insecure: readonly string[];
}

const NOTHING: PortValidation = { objections: [] };

/** A port with an entry of its own has nothing of the default. */
export function clientValidation(read: Read, objects: Objects, gateway: Gateway): ClientValidation {
  const { default: common, perPort = [] } = gateway.spec.tls?.frontend ?? {};
  const authorities: TranslatedAuthorities[] = [];
  const insecure: string[] = [];
  const problems: Objection[] = [];
  const translate = (
    place: string,
    config: TLSConfig | undefined,
    field: string,
  ): PortValidation => {
    if (config?.validation === undefined) return NOTHING;
    const name = `${keyOf(gateway)}/client-ca/${place}`;
    const where = `tls.frontend.${field}.validation`;
    const found = findAuthorities(read, objects, gateway, { ...config.validation, where });
    const { sources, objections } = found;
    problems.push(...objections);
    const insecureFallback = config.validation.mode === "AllowInsecureFallback";
    if (insecureFallback) insecure.push(place);
    if (sources.length === 0) return { objections };
    authorities.push({ name, sources });
    return { validation: { caSecret: name, insecureFallback }, objections };
  };
  const ofAll = translate("default", common, "default");
  const ofPorts = new Map(
    perPort.map(({ port, tls }, index) => [
      port,
      translate(String(port), tls, `perPort[${index}].tls`),
    ]),
  );
  return { ofPort: (port) => ofPorts.get(port) ?? ofAll, authorities, insecure, problems };
}

function findAuthorities(
  read: Read,
  objects: Objects,
  gateway: Gateway,
  { caCertificateRefs, where }: FrontendTLSValidation & { readonly where: string },
): { readonly sources: readonly ObjectRef[]; readonly objections: readonly Objection[] } {
  const sources: ObjectRef[] = [];
  const problems: AuthorityProblem[] = [];
  for (const [index, spec] of caCertificateRefs.entries()) {
    const ref: ObjectRef = { ...spec, namespace: spec.namespace ?? namespaceOf(gateway) };
    const problem = authorityProblem(read, objects, gateway, ref);
    if (problem === undefined) sources.push(ref);
    else
      problems.push({
        ...problem,
        message: `${where}.caCertificateRefs[${index}]: ${problem.message}`,
      });
  }
  const [first] = problems;
  if (first === undefined) return { sources, objections: [] };
  const { reason } = first;
  const message = problems.map((one) => one.message).join("; ");
  // With some that are valid, clients are checked against those.
  const objection =
    sources.length > 0
      ? { message, resolvedRefs: reason }
      : { message, resolvedRefs: reason, accepted: "NoValidCACertificate", programmed: reason };
  return { sources, objections: [objection] };
}

interface AuthorityProblem {
  readonly reason: "InvalidCACertificateKind" | "RefNotPermitted" | "InvalidCACertificateRef";
  readonly message: string;
}

function authorityProblem(
  read: Read,
  { store, grants }: Objects,
  gateway: Gateway,
  ref: ObjectRef,
): AuthorityProblem | undefined {
  const namespace = namespaceOf(gateway);
  const name = `${qualifiedKind(ref.group, ref.kind)} ${objectKey(ref.namespace, ref.name)}`;
  if (!grants.permits(read, { group: GATEWAY_GROUP, kind: "Gateway", namespace }, ref))
    return {
      reason: "RefNotPermitted",
      message: `no ReferenceGrant in namespace ${ref.namespace} allows Gateways of ${namespace} to refer to ${name}`,
    };
  if (!holdsAuthorities(ref))
    return {
      reason: "InvalidCACertificateKind",
      message: `expected a ConfigMap or Secret, got ${name}`,
    };
  const found = readAuthorities(read, store, ref);
  return "problem" in found
    ? { reason: "InvalidCACertificateRef", message: found.problem }
    : undefined;
}
