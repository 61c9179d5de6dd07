import type { Cells } from "../../incremental/cells.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import type { RouteKindName } from "../../resources/kinds.ts";
import { namespaceOf, type ObjectKey } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import { allowsNamespace } from "../references/allowed-namespaces.ts";
import type { ParentReference, RouteAttachment } from "../translated-route.ts";
import { attach, type RouteRefusal } from "./attach.ts";
import type { AttachableGateway } from "./attachable-gateways.ts";
import { defaultGateways, parentRefsOf, type DefaultGateways } from "./default-gateways.ts";
import type { RouteObject } from "./objects.ts";
import { routeParent } from "./parents.ts";
import { routeKeys, splitRouteKey } from "./route-keys.ts";
import { ageOf, type Dated } from "./seniority.ts";

/** Where a route is to be attached, before anybody asks what else is there. */
export interface RouteClaim extends Dated {
  readonly kind: RouteKindName;
  readonly parents: readonly ClaimedParent[];
}

export interface ClaimedParent {
  readonly parentRef: ParentReference;
  readonly gateway: ObjectKey;
  /** Empty: refused. */
  readonly attachments: readonly RouteAttachment[];
  readonly refusal?: RouteRefusal;
}

interface Inputs {
  readonly store: ResourceStore;
  readonly gateways: Cells<AttachableGateway>;
}

interface Sources extends Inputs {
  readonly defaults: DefaultGateways;
}

/** By the key of the route (`HTTPRoute/ns/name`). A change of its rules is none for this stage. */
export function routeClaims(inputs: Inputs): Stage<RouteClaim> {
  const sources = { ...inputs, defaults: defaultGateways(inputs.gateways) };
  const stage = new Stage<RouteClaim>({
    name: "route claims",
    compute: (route, read) => {
      const { kind, key } = splitRouteKey(route);
      const object = read.one(inputs.store.table<RouteObject>(kind), key);
      return object === undefined ? undefined : claim(sources, read, kind, key, object);
    },
  });
  for (const keys of routeKeys(inputs.store)) stage.forEach(keys);
  return stage;
}

function claim(
  inputs: Sources,
  read: Read,
  kind: RouteKindName,
  key: ObjectKey,
  object: RouteObject,
): RouteClaim {
  const namespace = namespaceOf(object);
  const { hostnames = [] } = object.spec;
  const parents: ClaimedParent[] = [];
  for (const parentRef of parentRefsOf(read, inputs.defaults, object, namespace)) {
    const parent = routeParent(read, inputs, parentRef, namespace);
    if (parent === undefined) continue;
    const route = {
      kind,
      hostnames,
      isAllowed: ({
        allowedNamespaces,
      }: Parameters<Parameters<typeof attach>[0]["isAllowed"]>[0]) =>
        allowsNamespace(read, inputs.store, allowedNamespaces, namespace),
    };
    const result = attach(route, parentRef, parent);
    const { gateway } = parent;
    if ("reason" in result) parents.push({ parentRef, gateway, attachments: [], refusal: result });
    else parents.push({ parentRef, gateway, attachments: result });
  }
  return { kind, key, age: ageOf(object.metadata), parents };
}
