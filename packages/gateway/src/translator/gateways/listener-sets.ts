import { Index } from "../../incremental/index-cells.ts";
import type { Read } from "../../incremental/stage.ts";
import { GATEWAY_GROUP } from "../../resources/kinds.ts";
import { keyOf, namespaceOf, objectKey, type ObjectKey } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import { allowsNamespace } from "../references/allowed-namespaces.ts";
import { bySeniority } from "../routes/seniority.ts";
import type { AllowedNamespaces } from "../translated-gateway.ts";
import type { ListenerSetObject } from "./objects.ts";

/** ListenerSets by the key of the Gateway that they name. */
export function listenerSetsByGateway(store: ResourceStore): Index<ListenerSetObject> {
  return new Index(
    "listener sets by gateway",
    store.table<ListenerSetObject>("ListenerSet"),
    (set) => {
      const { group = GATEWAY_GROUP, kind = "Gateway", namespace, name } = set.spec.parentRef;
      if (group !== GATEWAY_GROUP || kind !== "Gateway") return [];
      return [objectKey(namespace ?? namespaceOf(set), name)];
    },
  );
}

/** A ListenerSet that names a Gateway, and whether the Gateway takes it. */
export interface ListenerSetOfGateway {
  readonly key: ObjectKey;
  readonly set: ListenerSetObject;
  readonly allowed: boolean;
}

/** The ListenerSets of a Gateway in their order of precedence: the older first, then by namespace and name. */
export function listenerSetsOf(
  read: Read,
  {
    store,
    byGateway,
  }: { readonly store: ResourceStore; readonly byGateway: Index<ListenerSetObject> },
  gateway: ObjectKey,
  allowed: AllowedNamespaces,
): ListenerSetOfGateway[] {
  const table = store.table<ListenerSetObject>("ListenerSet");
  return [...(read.one(byGateway, gateway) ?? [])]
    .map((key) => read.one(table, key))
    .filter((set) => set !== undefined)
    .map((set) => ({
      key: keyOf(set),
      createdAt: set.metadata.creationTimestamp ?? "",
      set,
      allowed: allowsNamespace(read, store, allowed, namespaceOf(set)),
    }))
    .toSorted(bySeniority);
}
