import type { Gateway, Listener, ListenerSet } from "#gen/resources";
import { keyOf, namespaceOf, type ObjectKey } from "../../resources/object.ts";

/** A listener among those that are merged into a Gateway. */
export interface ListenerEntry {
  readonly id: string;
  readonly gateway: ObjectKey;
  readonly owner: { readonly kind: "Gateway" | "ListenerSet"; readonly key: ObjectKey };
  /** The namespace of the owner. */
  readonly namespace: string;
  readonly generation: number;
  readonly spec: Listener;
}

/** The listeners of the Gateway itself. */
export function gatewayEntries(gateway: Gateway): ListenerEntry[] {
  const key = keyOf(gateway);
  return gateway.spec.listeners.map((spec) => ({
    id: `${key}/${spec.name}`,
    gateway: key,
    owner: { kind: "Gateway", key },
    namespace: namespaceOf(gateway),
    generation: gateway.metadata.generation ?? 0,
    spec,
  }));
}

/** The listeners of a ListenerSet, as those of the Gateway that it is attached to. */
export function listenerSetEntries(gateway: ObjectKey, set: ListenerSet): ListenerEntry[] {
  const key = keyOf(set);
  return set.spec.listeners.map((spec) => ({
    id: `${gateway}/${key}/${spec.name}`,
    gateway,
    owner: { kind: "ListenerSet", key },
    namespace: namespaceOf(set),
    generation: set.metadata.generation ?? 0,
    spec,
  }));
}

/** As messages name it: `http of ListenerSet infra/more`. */
export function entryText({ spec, owner }: ListenerEntry): string {
  return `${spec.name} of ${owner.kind} ${owner.key}`;
}
