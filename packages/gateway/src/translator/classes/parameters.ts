import type { NuncioProxy } from "#gen/resources";
import type { Read } from "../../incremental/stage.ts";
import { NUNCIO_GROUP } from "../../resources/kinds.ts";
import { objectKey, type ObjectKey } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";

/** Which parameters a `parametersRef` names; or what is wrong with it. */
export function findParameters(
  read: Read,
  store: ResourceStore,
  { group, kind, name, namespace }: ParametersReference,
): { readonly key: ObjectKey } | { readonly problem: string } {
  if (group !== NUNCIO_GROUP || kind !== "NuncioProxy")
    return { problem: `parametersRef: expected ${NUNCIO_GROUP}/NuncioProxy, got ${group}/${kind}` };
  if (namespace === undefined)
    return { problem: `parametersRef: expected a namespace, as NuncioProxy has one` };
  const key = objectKey(namespace, name);
  const found = read.one(store.table<NuncioProxy>("NuncioProxy"), key);
  return found === undefined
    ? { problem: `parametersRef: NuncioProxy ${key} does not exist` }
    : { key };
}

interface ParametersReference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}
