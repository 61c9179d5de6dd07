import type { Backend } from "#gen/resources";
import type { Read } from "../../incremental/stage.ts";
import { objectKey } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { BackendDemand } from "../translated-route.ts";
import type { ServiceObject, ServicePort } from "./objects.ts";
import { servicePort } from "./service-ports.ts";

/** What a demand is for, as it is now. */
export type ResolvedBackend =
  | { readonly kind: "Backend"; readonly backend: Backend }
  | { readonly kind: "Service"; readonly service: ServiceObject; readonly port: ServicePort };

/** Undefined: it is gone, and the routes that have wanted it are about to say so. */
export function resolveBackend(
  read: Read,
  store: ResourceStore,
  demand: BackendDemand,
): ResolvedBackend | undefined {
  const key = objectKey(demand.namespace, demand.name);
  if (demand.kind === "Backend") {
    const backend = read.one(store.table<Backend>("Backend"), key);
    return backend === undefined ? undefined : { kind: "Backend", backend };
  }
  const kind = demand.kind === "ServiceImport" ? "ServiceImport" : "Service";
  const service = read.one(store.table<ServiceObject>(kind), key);
  const port = service === undefined ? undefined : servicePort(service, demand);
  return service === undefined || port === undefined
    ? undefined
    : { kind: "Service", service, port };
}

/** The Backends that are for when others are gone; those that are not there any more are left out. */
export function fallbackBackends(
  read: Read,
  store: ResourceStore,
  { fallbacks = [] }: BackendDemand,
): Backend[] {
  return fallbacks
    .map((key) => read.one(store.table<Backend>("Backend"), key))
    .filter((backend) => backend !== undefined);
}
