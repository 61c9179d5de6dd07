import type { LocalObjectReference } from "#gen/resources";
import type { Read } from "../../../incremental/stage.ts";
import type { ObjectRef } from "../../../resources/object.ts";
import type { ResourceStore } from "../../../resources/store.ts";
import { holdsAuthorities, readAuthorities } from "../../certificates/authorities.ts";

/** A reference that does not lead to certificates of authorities. */
export interface AuthoritiesProblem {
  readonly reason: "InvalidKind" | "InvalidCACertificateRef";
  readonly message: string;
}

/** The references of a namespace that lead to certificates, and what is wrong with the others. */
export function checkAuthorities(
  read: Read,
  store: ResourceStore,
  {
    refs,
    namespace,
    where,
  }: { refs: readonly LocalObjectReference[]; namespace: string; where: string },
): { sources: ObjectRef[]; problems: AuthoritiesProblem[] } {
  const sources: ObjectRef[] = [];
  const problems: AuthoritiesProblem[] = [];
  for (const [i, { group, kind, name }] of refs.entries()) {
    const ref: ObjectRef = { group, kind, namespace, name };
    if (!holdsAuthorities(ref)) {
      const got = group === "" ? kind : `${group}/${kind}`;
      const message = `${where}[${i}]: expected a ConfigMap or Secret, got ${got}`;
      problems.push({ reason: "InvalidKind", message });
      continue;
    }
    const found = readAuthorities(read, store, ref);
    if ("problem" in found)
      problems.push({
        reason: "InvalidCACertificateRef",
        message: `${where}[${i}]: ${found.problem}`,
      });
    else sources.push(ref);
  }
  return { sources, problems };
}
