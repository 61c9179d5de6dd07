import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import type { Read } from "../../incremental/stage.ts";
import { GATEWAY_GROUP } from "../../resources/kinds.ts";
import { objectKey } from "../../resources/object.ts";
import type { ParentReference } from "../translated-route.ts";
import type { AttachableGateway } from "./attachable-gateways.ts";
import type { RouteObject } from "./objects.ts";

/** Gateways that claim routes which name none, by their scope (GEP-3793). */
export type DefaultGateways = Cells<ReadonlySet<string>>;

/** The keys of Gateways with a `defaultScope`. */
export function defaultGateways(gateways: Cells<AttachableGateway>): DefaultGateways {
  return new Index("default gateways", gateways, ({ defaultScope }) =>
    defaultScope === undefined ? [] : [defaultScope],
  );
}

/**
 * The parents of a route: those that it names, then the default Gateways that it asks for. One that it names itself, or a
 * listener of which it does, is not asked for twice.
 */
export function parentRefsOf(
  read: Read,
  gateways: DefaultGateways,
  { spec }: RouteObject,
  namespace: string,
): readonly ParentReference[] {
  const { parentRefs = [], useDefaultGateways: scope = "None" } = spec;
  if (scope === "None") return parentRefs;
  const named = new Set(
    parentRefs
      .filter(({ kind = "Gateway" }) => kind === "Gateway")
      .map((ref) => objectKey(ref.namespace ?? namespace, ref.name)),
  );
  const others = [...(read.one(gateways, scope) ?? [])].filter((key) => !named.has(key));
  return [...parentRefs, ...others.toSorted().map(gatewayReference)];
}

function gatewayReference(key: string): ParentReference {
  const [namespace = "", name = ""] = key.split("/");
  return { group: GATEWAY_GROUP, kind: "Gateway", namespace, name };
}
