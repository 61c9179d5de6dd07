import type { Secret, SecretObjectReference } from "#gen/resources";
import type { Read } from "../../incremental/stage.ts";
import { GATEWAY_GROUP } from "../../resources/kinds.ts";
import { objectKey, type ObjectKey, type ObjectRef } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import { readKeyPair, type KeyPair } from "../certificates/key-pair.ts";
import type { ReferenceGrants } from "../references/reference-grants.ts";
import type { ListenerEntry } from "./listener-entry.ts";
import type { Objection } from "./objection.ts";

/** What is needed to follow references. */
export interface Objects {
  readonly store: ResourceStore;
  readonly grants: ReferenceGrants;
}

/** A certificate that a listener may show. */
export interface ListenerCertificate {
  readonly secret: ObjectKey;
  readonly pair: KeyPair;
}

/** The certificates of a listener that ends TLS: those that are valid, and what is wrong with the others. */
export function listenerCertificates(
  read: Read,
  objects: Objects,
  entry: ListenerEntry,
): { readonly certificates: readonly ListenerCertificate[]; readonly objections: Objection[] } {
  const certificates: ListenerCertificate[] = [];
  const problems: ReferenceProblem[] = [];
  const taken = new Set<string>();
  const refs = entry.spec.tls?.certificateRefs ?? [];
  for (const [index, ref] of refs.entries()) {
    const found = readCertificate(read, objects, entry, ref);
    const problem = "reason" in found ? found : ambiguity(found, taken);
    if (problem === undefined) certificates.push(found as ListenerCertificate);
    else
      problems.push({ ...problem, message: `tls.certificateRefs[${index}]: ${problem.message}` });
  }
  return { certificates, objections: objectionsOf(problems, certificates.length > 0) };
}

/** Why a reference to a Secret with a certificate leads nowhere. */
export interface ReferenceProblem {
  readonly reason: "RefNotPermitted" | "InvalidCertificateRef";
  readonly message: string;
}

/** Follows a reference to a Secret with a certificate and its key. */
export function readCertificate(
  read: Read,
  { store, grants }: Objects,
  { namespace, owner }: Pick<ListenerEntry, "namespace" | "owner">,
  ref: SecretObjectReference,
): ListenerCertificate | ReferenceProblem {
  const { group, kind } = ref;
  const to: ObjectRef = { group, kind, namespace: ref.namespace ?? namespace, name: ref.name };
  const key = objectKey(to.namespace, to.name);
  if (!grants.permits(read, { group: GATEWAY_GROUP, kind: owner.kind, namespace }, to))
    return {
      reason: "RefNotPermitted",
      message: `no ReferenceGrant in namespace ${to.namespace} allows ${owner.kind}s of ${namespace} to refer to ${kind} ${key}`,
    };
  if (group !== "" || kind !== "Secret")
    return unusable(`expected a Secret, got ${kind}${group === "" ? "" : ` of ${group}`}`);
  const secret = read.one(store.table<Secret>("Secret"), key);
  if (secret === undefined) return unusable(`Secret ${key} does not exist`);
  const pair = readKeyPair(secret);
  return "problem" in pair ? unusable(`Secret ${key}: ${pair.problem}`) : { secret: key, pair };
}

function unusable(message: string): ReferenceProblem {
  return { reason: "InvalidCertificateRef", message };
}

/** Two certificates of one kind for one name: the second would never be shown. */
function ambiguity(
  { secret, pair }: ListenerCertificate,
  taken: Set<string>,
): ReferenceProblem | undefined {
  const twice = pair.choices.find((choice) => taken.has(choice));
  for (const choice of pair.choices) taken.add(choice);
  return twice === undefined
    ? undefined
    : unusable(
        `Secret ${secret}: another certificate before it is of the same kind and name (${twice})`,
      );
}

function objectionsOf(problems: readonly ReferenceProblem[], someValid: boolean): Objection[] {
  if (problems.length === 0) return [];
  const message = problems.map((problem) => problem.message).join("; ");
  if (someValid) return [{ message, resolvedRefs: "PartiallyInvalidCertificateRef" }];
  if (problems.every(({ reason }) => reason === "RefNotPermitted"))
    return [
      { message, resolvedRefs: "RefNotPermitted", accepted: "Invalid", programmed: "Invalid" },
    ];
  return [{ message, resolvedRefs: "InvalidCertificateRef", programmed: "Invalid" }];
}
