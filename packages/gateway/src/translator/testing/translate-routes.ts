import { StageOrder } from "../../incremental/stage-order.ts";
import type { Stage } from "../../incremental/stage.ts";
import { Table } from "../../incremental/table.ts";
import type { Resource } from "../../resources/object.ts";
import { ResourceStore } from "../../resources/store.ts";
import { backendStatuses } from "../../status/backend-status.ts";
import type { ObjectStatus } from "../../status/object-status.ts";
import { backendTlsPolicyStatuses } from "../../status/policy-status.ts";
import { routeStatuses } from "../../status/route-status.ts";
import { asRead } from "../../testing/as-read.ts";
import { backendStages, type BackendStages } from "../backends/backend-stages.ts";
import { ReferenceGrants } from "../references/reference-grants.ts";
import { routeStages, type RouteStages } from "../routes/route-stages.ts";
import type { TranslatedGateway } from "../translated-gateway.ts";
import { simpleGateway } from "./simple-gateways.ts";

/** The stages from routes to clusters, on Gateways with nothing wrong with them. */
export interface RouteFixture {
  readonly store: ResourceStore;
  readonly gateways: Table<TranslatedGateway>;
  readonly routes: RouteStages;
  readonly backends: BackendStages;
  readonly statuses: readonly Stage<ObjectStatus>[];
  readonly order: StageOrder;
  /** Puts objects in, Gateways among them. They are computed with `order.settle()`. */
  put(...objects: Resource[]): void;
}

/** Without objects. */
export function routeFixture(): RouteFixture {
  const store = new ResourceStore();
  const gateways = new Table<TranslatedGateway>("gateways");
  const sources = { store, grants: new ReferenceGrants(store), gateways };
  const routes = routeStages(sources);
  const backends = backendStages({ ...sources, routes: routes.routes });
  const statuses = [
    routeStatuses(routes.routes),
    backendTlsPolicyStatuses({ store, ...backends }),
    backendStatuses(sources),
  ];
  return {
    store,
    gateways,
    routes,
    backends,
    statuses,
    order: new StageOrder([...routes.order, ...backends.order, ...statuses]),
    put: (...objects) => {
      for (const written of objects) {
        const object = asRead(written);
        if (object.kind === "Gateway") {
          const gateway = simpleGateway(object);
          gateways.set(gateway.key, gateway);
        } else {
          store.put(object);
        }
      }
    },
  };
}

/** The same with these objects, computed. */
export function translated(objects: readonly unknown[]): RouteFixture {
  const fixture = routeFixture();
  fixture.put(...(objects as Resource[]));
  fixture.order.settle();
  return fixture;
}

/** Cells as plain data, sorted by key. */
export function plainCells<V>(cells: { entries(): Iterable<[string, V]> }): Record<string, V> {
  const entries = [...cells.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}
