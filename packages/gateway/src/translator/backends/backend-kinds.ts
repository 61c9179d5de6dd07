import { NUNCIO_GROUP } from "../../resources/kinds.ts";
import type { BackendDemand } from "../translated-route.ts";

/** Kinds of objects that requests can be sent to. */
export const BACKEND_KINDS = [
  { group: "", kind: "Service" },
  { group: "multicluster.x-k8s.io", kind: "ServiceImport" },
  { group: NUNCIO_GROUP, kind: "Backend" },
] as const;

export type BackendKindName = (typeof BACKEND_KINDS)[number]["kind"];

/** `Service`, `gateway.nuncio.dev/Backend` */
export function qualifiedKind(group: string, kind: string): string {
  return group === "" ? kind : `${group}/${kind}`;
}

/** What a reference could have named. */
export function expectedKinds(): string {
  return BACKEND_KINDS.map(({ group, kind }) => qualifiedKind(group, kind)).join(", ");
}

/** What is said of a reference to an object that requests cannot be sent to. */
export function unknownKind(group: string, kind: string): string {
  return `expected a kind that is one of ${expectedKinds()}, got ${qualifiedKind(group, kind)}`;
}

/** Undefined for an object that requests cannot be sent to. */
export function backendKind(group: string, kind: string): BackendKindName | undefined {
  return BACKEND_KINDS.find((known) => known.group === group && known.kind === kind)?.kind;
}

/** The protocol of the ports that a route can use. */
export function transportOf({ protocol }: Pick<BackendDemand, "protocol">): "TCP" | "UDP" {
  return protocol === "udp" ? "UDP" : "TCP";
}
