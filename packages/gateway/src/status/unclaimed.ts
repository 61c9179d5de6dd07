import { didYouMean } from "@nuncio/api";
import type { Gateway, GatewayClass, ListenerSet } from "#gen/resources";
import type { Cells } from "../incremental/cells.ts";
import type { KindName } from "../resources/kinds.ts";
import { namespaceOf, objectKey, type Resource } from "../resources/object.ts";
import type { ResourceStore } from "../resources/store.ts";
import type { RouteObject } from "../translator/routes/objects.ts";
import type { ParentReference } from "../translator/translated-route.ts";
import type { ObjectStatus } from "./object-status.ts";

/** Kinds whose objects have a status if a Gateway of ours has to do with them. */
const CLAIMED: readonly KindName[] = [
  "Gateway",
  "ListenerSet",
  "HTTPRoute",
  "GRPCRoute",
  "TLSRoute",
  "TCPRoute",
  "UDPRoute",
];

/** Objects that no Gateway of ours has to do with, so that no status tells of them: most often a name is misspelled. */
export class UnclaimedWatch {
  readonly #store: ResourceStore;
  readonly #statuses: readonly Cells<ObjectStatus>[];
  readonly #changed = new Map<string, readonly [kind: KindName, key: string]>();

  constructor(store: ResourceStore, statuses: readonly Cells<ObjectStatus>[]) {
    this.#store = store;
    this.#statuses = statuses;
    for (const kind of CLAIMED)
      store.table(kind).onChange((key) => this.#changed.set(`${kind}/${key}`, [kind, key]));
    for (const source of statuses)
      source.onChange((id, value, before) => {
        const { kind, key } = value ?? before!;
        if (CLAIMED.includes(kind)) this.#changed.set(id, [kind, key]);
      });
  }

  /** Of what has changed since the last call, by `<kind>/<key>`: why nobody here has to do with it. */
  take(): ReadonlyMap<string, string> {
    const unclaimed = new Map<string, string>();
    for (const [id, [kind, key]] of this.#changed) {
      const object = this.#store.table(kind).peek(key);
      const isClaimed = this.#statuses.some((cells) => cells.peek(id) !== undefined);
      if (object !== undefined && !isClaimed) unclaimed.set(id, whyUnclaimed(this.#store, object));
    }
    this.#changed.clear();
    return unclaimed;
  }
}

function whyUnclaimed(store: ResourceStore, object: Resource): string {
  if (object.kind === "Gateway") return whyNoClass(store, object as Gateway);
  if (object.kind === "ListenerSet")
    return `parentRef: ${parentText(store, object, (object as ListenerSet).spec.parentRef)}`;
  const { parentRefs = [], useDefaultGateways } = (object as RouteObject).spec;
  if (parentRefs.length === 0)
    return useDefaultGateways === "All"
      ? "useDefaultGateways: there is no Gateway with defaultScope: All"
      : "parentRefs: none is given";
  return parentRefs
    .map((ref, index) => `parentRefs[${index}]: ${parentText(store, object, ref)}`)
    .join("; ");
}

function whyNoClass(store: ResourceStore, { spec: { gatewayClassName } }: Gateway): string {
  const classes = store.table<GatewayClass>("GatewayClass");
  const found = classes.peek(gatewayClassName);
  if (found !== undefined)
    return `gatewayClassName: GatewayClass ${gatewayClassName} is one of ${found.spec.controllerName}`;
  const near = didYouMean(
    gatewayClassName,
    [...classes.entries()].map(([name]) => name),
  );
  return `gatewayClassName: GatewayClass ${gatewayClassName} does not exist${near}`;
}

function parentText(store: ResourceStore, object: Resource, ref: ParentReference): string {
  const { kind = "Gateway", name } = ref;
  const namespace = ref.namespace ?? namespaceOf(object);
  const parent = `${kind} ${objectKey(namespace, name)}`;
  if (kind !== "Gateway" && kind !== "ListenerSet") return `${parent} is no Gateway`;
  const table = store.table(kind);
  if (table.peek(objectKey(namespace, name)) !== undefined) return `${parent} is not served here`;
  const names = Array.from(table.entries(), ([, { metadata }]) => metadata);
  const near = didYouMean(
    name,
    names.filter((one) => one.namespace === namespace).map((one) => one.name),
  );
  return `${parent} does not exist${near}`;
}
