import type { Cells } from "../../incremental/cells.ts";
import type { Read } from "../../incremental/stage.ts";
import { GATEWAY_GROUP } from "../../resources/kinds.ts";
import { objectKey, type ObjectKey, type Resource } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { ParentReference } from "../translated-route.ts";
import type { AttachableGateway, AttachableListener } from "./attachable-gateways.ts";

/** What an entry of `parentRefs` names, if that is a Gateway of ours or a ListenerSet of one. */
export interface RouteParent {
  readonly gateway: ObjectKey;
  readonly attachable: AttachableGateway;
  /** All listeners of the Gateway, or of the ListenerSet, itself. */
  readonly listeners: readonly AttachableListener[];
}

/** What is read of a ListenerSet. */
interface ListenerSetObject extends Resource {
  readonly spec: { readonly parentRef: { readonly namespace?: string; readonly name: string } };
}

/** Undefined: nothing that this control plane would have a say about. */
export function routeParent(
  read: Read,
  { store, gateways }: { store: ResourceStore; gateways: Cells<AttachableGateway> },
  ref: ParentReference,
  routeNamespace: string,
): RouteParent | undefined {
  if ((ref.group ?? GATEWAY_GROUP) !== GATEWAY_GROUP) return undefined;
  const kind = ref.kind ?? "Gateway";
  const key = objectKey(ref.namespace ?? routeNamespace, ref.name);
  const gateway = kind === "ListenerSet" ? gatewayOfSet(read, store, key) : key;
  if (gateway === undefined || (kind !== "Gateway" && kind !== "ListenerSet")) return undefined;
  const attachable = read.one(gateways, gateway);
  if (attachable === undefined) return undefined;
  if (kind === "ListenerSet" && !attachable.listenerSets.includes(key)) return undefined;
  const listeners = attachable.listeners.filter(
    ({ owner }) => owner.kind === kind && owner.key === key,
  );
  return { gateway, attachable, listeners };
}

function gatewayOfSet(read: Read, store: ResourceStore, key: ObjectKey): ObjectKey | undefined {
  const set = read.one(store.table<ListenerSetObject>("ListenerSet"), key);
  if (set === undefined) return undefined;
  const { parentRef } = set.spec;
  return objectKey(parentRef.namespace ?? set.metadata.namespace, parentRef.name);
}
