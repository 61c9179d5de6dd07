import {
  CONTROLLER_NAME,
  pipeline,
  readResources,
  ResourceStore,
  type ObjectStatus,
} from "@nuncio/gateway";
import { Table } from "@nuncio/gateway/testing/table";
import { gatewayClass } from "../documents/random-document.ts";
import { yamlOf, type DocumentObject } from "../documents/scene.ts";
import type { Connections } from "./connections.ts";
import { ourConnections } from "./our-connections.ts";
import { ourRouting } from "./our-routing.ts";
import type { Routing } from "./routing.ts";

/** What a translator makes of objects, as far as it is compared. */
export interface Translation {
  /** By `Kind namespace/name`. */
  readonly statuses: ReadonlyMap<string, Partial<ObjectStatus["status"]>>;
  readonly routing: Routing;
  readonly connections: Connections;
}

/** What our own translator makes of objects; a text when an object is refused before that. */
export function translate(objects: readonly DocumentObject[]): Translation | string {
  const content = yamlOf([gatewayClass(CONTROLLER_NAME), ...objects]);
  const { resources, refused, problems } = readResources({ name: "objects.yaml", content });
  if (refused.length > 0) return problems.map(({ message }) => message).join("\n");
  const store = new ResourceStore();
  const { order, statuses, pieces } = pipeline({
    store,
    dataPlanes: new Table("data planes"),
    network: "own",
  });
  for (const { resource } of resources) store.put(resource);
  order.settle();
  const written = statuses.flatMap((cells) => Array.from(cells.entries(), ([, one]) => one));
  return {
    statuses: new Map(written.map(({ kind, key, status }) => [`${kind} ${key}`, status])),
    routing: ourRouting(pieces),
    connections: ourConnections(pieces),
  };
}
