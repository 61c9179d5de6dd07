import { didYouMean } from "@nuncio/api";
import type { BackendTLSPolicy, Gateway, GatewayClass, ListenerSet } from "#gen/resources";
import type { Cells } from "../incremental/cells.ts";
import { ROUTE_KINDS, type KindName } from "../resources/kinds.ts";
import { namespaceOf, objectKey, type Resource } from "../resources/object.ts";
import type { ResourceStore } from "../resources/store.ts";
import { backendKind, unknownKind } from "../translator/backends/backend-kinds.ts";
import type { RouteObject } from "../translator/routes/objects.ts";
import type { ParentReference } from "../translator/translated-route.ts";
import type { ObjectStatus } from "./object-status.ts";
import { statusOf } from "./status-of.ts";

/** Kinds whose objects have a status if a Gateway of ours has to do with them. */
const CLAIMED: readonly KindName[] = ["Gateway", "ListenerSet", ...ROUTE_KINDS, "BackendTLSPolicy"];

/** Whether objects of a kind have a status if a Gateway of ours has to do with them. */
export function isClaimable(kind: string): boolean {
  return (CLAIMED as readonly string[]).includes(kind);
}

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
        if (isClaimable(kind)) this.#changed.set(id, [kind, key]);
      });
  }

  /** Of what has changed since the last call, by `<kind>/<key>`: why nobody here has to do with it. */
  take(): ReadonlyMap<string, string> {
    const unclaimed = new Map<string, string>();
    for (const [id, [kind, key]] of this.#changed) {
      const object = this.#store.table(kind).peek(key);
      const isClaimed = statusOf(this.#statuses, id) !== undefined;
      if (object !== undefined && !isClaimed) unclaimed.set(id, whyUnclaimed(this.#store, object));
    }
    this.#changed.clear();
    return unclaimed;
  }
}

/** Why nobody here has to do with an object of one of these kinds. */
export function whyUnclaimed(store: ResourceStore, object: Resource): string {
  if (object.kind === "Gateway") return whyNoClass(store, object as Gateway);
  if (object.kind === "ListenerSet")
    return `parentRef: ${parentText(store, object, (object as ListenerSet).spec.parentRef)}`;
  if (object.kind === "BackendTLSPolicy") return whyNoUse(store, object as BackendTLSPolicy);
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

function whyNoUse(store: ResourceStore, policy: BackendTLSPolicy): string {
  const namespace = namespaceOf(policy);
  const { targetRefs } = policy.spec;
  return targetRefs
    .map(({ group, kind, name }, index) => {
      const known = backendKind(group, kind);
      const target = `${kind} ${objectKey(namespace, name)}`;
      if (known === undefined) return `targetRefs[${index}]: ${unknownKind(group, kind)}`;
      return store.table(known).peek(objectKey(namespace, name)) === undefined
        ? `targetRefs[${index}]: ${target} does not exist${nearName(store, known, { namespace, name })}`
        : `targetRefs[${index}]: no route sends anything to ${target}`;
    })
    .join("; ");
}

/** Why a parent of a route is left alone. */
export function parentText(store: ResourceStore, object: Resource, ref: ParentReference): string {
  const { kind = "Gateway", name } = ref;
  const namespace = ref.namespace ?? namespaceOf(object);
  const parent = `${kind} ${objectKey(namespace, name)}`;
  if (kind !== "Gateway" && kind !== "ListenerSet") return `${parent} is no Gateway`;
  if (store.table(kind).peek(objectKey(namespace, name)) !== undefined)
    return `${parent} is not served here`;
  return `${parent} does not exist${nearName(store, kind, { namespace, name })}`;
}

/** Asks for an object of the same namespace whose name is nearly this one; empty: there is none. */
function nearName(
  store: ResourceStore,
  kind: KindName,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): string {
  const all = Array.from(store.table(kind).values(), ({ metadata }) => metadata);
  const here = all.filter((one) => one.namespace === namespace);
  return didYouMean(
    name,
    here.map((one) => one.name),
  );
}
