import type { KindName } from "../resources/kinds.ts";
import type { ObjectKey } from "../resources/object.ts";
import type { ParentReference } from "../translator/translated-route.ts";
import type { Condition } from "./condition.ts";

/** What this control plane says of an object: its part of `status`. Kept by `<kind>/<key>`. */
export interface ObjectStatus {
  readonly kind: KindName;
  readonly key: ObjectKey;
  readonly status: StatusFields;
}

/** The members of `status` of all kinds; each kind has its own of them. */
export interface StatusFields {
  readonly conditions?: readonly Condition[];
  /** Gateway */
  readonly addresses?: readonly StatusAddress[];
  /** Gateway: how many ListenerSets are attached. */
  readonly attachedListenerSets?: number;
  /** Gateway, ListenerSet */
  readonly listeners?: readonly ListenerStatus[];
  /** GatewayClass; sorted by name. */
  readonly supportedFeatures?: readonly { readonly name: string }[];
  /** Routes: one for each parent of ours. */
  readonly parents?: readonly RouteParentStatus[];
  /** Policies: one for each Gateway of ours. */
  readonly ancestors?: readonly PolicyAncestorStatus[];
}

export interface StatusAddress {
  readonly type: "IPAddress" | "Hostname";
  readonly value: string;
}

export interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly attachedRoutes: number;
  readonly conditions: readonly Condition[];
}

export interface RouteParentStatus {
  readonly parentRef: ParentReference;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

export interface PolicyAncestorStatus {
  readonly ancestorRef: ParentReference;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}
