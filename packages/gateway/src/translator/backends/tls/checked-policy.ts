import type { BackendTLSPolicy } from "#gen/resources";
import type { Cells } from "../../../incremental/cells.ts";
import { Stage, type Read } from "../../../incremental/stage.ts";
import type { IrSubjectAltName } from "../../../ir/cluster.ts";
import { keyOf, namespaceOf, type ObjectKey, type ObjectRef } from "../../../resources/object.ts";
import type { ResourceStore } from "../../../resources/store.ts";
import { ageOf, type Dated } from "../../routes/seniority.ts";
import { backendKind, qualifiedKind } from "../backend-kinds.ts";
import { checkAuthorities, type AuthoritiesProblem } from "./check-authorities.ts";

/** A BackendTLSPolicy, and what is wrong with it. */
export interface CheckedPolicy extends Dated {
  readonly generation: number;
  /** What it is for: see `targetKey`. */
  readonly targets: readonly string[];
  /** What it names beside them that nothing is sent to: `apps/Deployment`. */
  readonly otherKinds: readonly string[];
  /** Undefined: it cannot be as it asks for, so nobody is connected. */
  readonly tls?: PolicyTls;
  readonly refusal?: {
    readonly reason: "Invalid" | "NoValidCACertificate";
    readonly message: string;
  };
  /** Of references; the policy may be used with those that are left. */
  readonly problems: readonly AuthoritiesProblem[];
}

/** TLS as a policy asks for it. */
export interface PolicyTls {
  readonly hostname: string;
  readonly subjectAltNames: readonly IrSubjectAltName[];
  /** Those of the system, or objects that have some. */
  readonly authorities: "system" | readonly ObjectRef[];
}

/** A backend, or one of its ports; the name of an unnamed port is empty. */
export function targetKey(
  { kind, namespace, name }: { kind: string; namespace: string; name: string },
  section?: string,
): string {
  const target = `${kind}/${namespace}/${name}`;
  return section === undefined ? target : `${target}|${section}`;
}

/** What a `targetKey` names. */
export function splitTarget(target: string): {
  readonly backend: string;
  readonly kind: string;
  readonly key: ObjectKey;
  readonly section?: string;
} {
  const [backend = "", section] = target.split("|");
  const kindEnd = backend.indexOf("/");
  return {
    backend,
    kind: backend.slice(0, kindEnd),
    key: backend.slice(kindEnd + 1),
    ...(section !== undefined && { section }),
  };
}

/** By the key of the policy. */
export function checkedPolicies(store: ResourceStore): Stage<CheckedPolicy> {
  const policies: Cells<BackendTLSPolicy> = store.table<BackendTLSPolicy>("BackendTLSPolicy");
  return new Stage<CheckedPolicy>({
    name: "backend TLS policies",
    compute: (key, read) => {
      const policy = read.one(policies, key);
      return policy === undefined ? undefined : check(read, store, policy);
    },
  }).forEach(policies);
}

function check(read: Read, store: ResourceStore, policy: BackendTLSPolicy): CheckedPolicy {
  const { metadata, spec } = policy;
  const namespace = namespaceOf(policy);
  const { caCertificateRefs, wellKnownCACertificates, hostname } = spec.validation;
  const refs = caCertificateRefs ?? [];
  const where = "validation.caCertificateRefs";
  const { sources, problems } = checkAuthorities(read, store, { refs, namespace, where });
  const isTarget = ({ group, kind }: { group: string; kind: string }): boolean =>
    backendKind(group, kind) !== undefined;
  const known = {
    key: keyOf(policy),
    generation: metadata.generation ?? 0,
    age: ageOf(metadata),
    targets: spec.targetRefs
      .filter(isTarget)
      .map((ref) => targetKey({ ...ref, namespace }, ref.sectionName)),
    otherKinds: spec.targetRefs
      .filter((ref) => !isTarget(ref))
      .map(({ group, kind }) => qualifiedKind(group, kind)),
    problems,
  };
  const invalid = invalidField(spec, refs.length);
  if (invalid !== undefined) return { ...known, refusal: { reason: "Invalid", message: invalid } };
  if (wellKnownCACertificates === undefined && sources.length === 0) {
    const message = "none of the references leads to certificates of authorities";
    return { ...known, refusal: { reason: "NoValidCACertificate", message } };
  }
  const authorities = wellKnownCACertificates === undefined ? sources : "system";
  const subjectAltNames = (spec.validation.subjectAltNames ?? []).map(subjectAltName);
  return { ...known, tls: { hostname, subjectAltNames, authorities } };
}

type Spec = BackendTLSPolicy["spec"];

function invalidField({ validation, options = {} }: Spec, refs: number): string | undefined {
  const { wellKnownCACertificates: wellKnown, subjectAltNames = [] } = validation;
  const names = Object.keys(options);
  if (names.length > 0) return `options: expected none, got ${names.join(", ")}`;
  if (wellKnown !== undefined && wellKnown !== "System")
    return `validation.wellKnownCACertificates: expected System, got ${wellKnown}`;
  if ((wellKnown === undefined) === (refs === 0))
    return "validation: expected either caCertificateRefs or wellKnownCACertificates";
  const other = subjectAltNames.find(({ type }) => type !== "Hostname" && type !== "URI");
  return other === undefined
    ? undefined
    : `validation.subjectAltNames: expected type Hostname or URI, got ${other.type}`;
}

function subjectAltName({
  type,
  hostname = "",
  uri = "",
}: NonNullable<Spec["validation"]["subjectAltNames"]>[number]): IrSubjectAltName {
  return type === "URI" ? { kind: "uri", value: uri } : { kind: "dns", value: hostname };
}
