import type { ListenerSet } from "#gen/resources";
import { Index } from "../../incremental/index-cells.ts";
import type { Read } from "../../incremental/stage.ts";
import { GATEWAY_GROUP } from "../../resources/kinds.ts";
import { keyOf, namespaceOf, objectKey, type ObjectKey } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import { allowsNamespace } from "../references/allowed-namespaces.ts";
import { ageOf, bySeniority, type Dated } from "../routes/seniority.ts";
import type { AllowedNamespaces } from "../translated-gateway.ts";

/** ListenerSets by the key of the Gateway that they name. */
export function listenerSetsByGateway(store: ResourceStore): Index<ListenerSet> {
  return new Index("listener sets by gateway", store.table<ListenerSet>("ListenerSet"), (set) => {
    const { group, kind, namespace, name } = set.spec.parentRef;
    if (group !== GATEWAY_GROUP || kind !== "Gateway") return [];
    return [objectKey(namespace ?? namespaceOf(set), name)];
  });
}

/** A ListenerSet that names a Gateway, and whether the Gateway takes it. */
export interface ListenerSetOfGateway extends Dated {
  readonly set: ListenerSet;
  readonly allowed: boolean;
}

/** The ListenerSets of a Gateway in their order of precedence: the older first, then by namespace and name. */
export function listenerSetsOf(
  read: Read,
  { store, byGateway }: { readonly store: ResourceStore; readonly byGateway: Index<ListenerSet> },
  gateway: ObjectKey,
  allowed: AllowedNamespaces,
): ListenerSetOfGateway[] {
  const table = store.table<ListenerSet>("ListenerSet");
  return [...(read.one(byGateway, gateway) ?? [])]
    .map((key) => read.one(table, key))
    .filter((set) => set !== undefined)
    .map((set) => ({
      key: keyOf(set),
      age: ageOf(set.metadata),
      set,
      allowed: allowsNamespace(read, store, allowed, namespaceOf(set)),
    }))
    .toSorted(bySeniority);
}
