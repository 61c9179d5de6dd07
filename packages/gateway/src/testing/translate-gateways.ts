import type { Cells } from "../incremental/cells.ts";
import { StageOrder } from "../incremental/stage-order.ts";
import type { OnDefect } from "../incremental/stage.ts";
import { Table } from "../incremental/table.ts";
import type { Resource } from "../resources/object.ts";
import { ResourceStore } from "../resources/store.ts";
import type { DataPlaneState } from "../status/data-plane-state.ts";
import type { ObjectStatus } from "../status/object-status.ts";
import { statusOf } from "../status/status-of.ts";
import { DEFAULT_GATEWAY_CLASS } from "../translator/classes/default-class.ts";
import {
  gatewayStages,
  listenerStages,
  type GatewayNetwork,
  type GatewayStages,
  type ListenerStages,
} from "../translator/gateway-stages.ts";
import type { GatewayLimits } from "../translator/gateways/limits.ts";
import type { AnyAddress } from "../translator/listeners/listener-stage.ts";
import { ReferenceGrants } from "../translator/references/reference-grants.ts";
import { routeStages } from "../translator/routes/route-stages.ts";
import type { TranslatedRoute } from "../translator/translated-route.ts";
import { asRead } from "./as-read.ts";

interface TranslationOptions {
  readonly limits?: GatewayLimits;
  readonly network?: GatewayNetwork;
  readonly anyAddress?: AnyAddress;
  readonly onDefect?: OnDefect;
}

/** The stages of Gateways, routes and listeners. */
export class GatewayTranslation {
  readonly store = new ResourceStore();
  readonly dataPlanes = new Table<DataPlaneState>("data planes");
  readonly stages: Omit<GatewayStages, "order"> & Omit<ListenerStages, "order">;
  readonly routes: Cells<TranslatedRoute>;
  readonly #order: StageOrder;
  readonly #own: StageOrder;

  constructor(resources: readonly Resource[], { onDefect, ...options }: TranslationOptions = {}) {
    const { store, dataPlanes } = this;
    const grants = new ReferenceGrants(store);
    const first = gatewayStages({ store, grants, ...options });
    const { routes, order } = routeStages({ store, grants, gateways: first.gateways });
    const then = listenerStages({ store, ...options, ...first, routes, dataPlanes });
    this.stages = { ...first, ...then };
    this.routes = routes;
    this.#own = new StageOrder([...first.order, ...then.order]);
    const all = [...first.order, ...order, ...then.order];
    this.#order = new StageOrder(all, onDefect);
    this.put(DEFAULT_GATEWAY_CLASS, ...resources);
    this.settle();
  }

  settle(): void {
    this.#order.settle();
  }

  /** Puts objects in as a provider would: with defaults. One that would be refused is put in all the same. */
  put(...resources: readonly Resource[]): void {
    for (const resource of resources) this.store.put(asRead(resource));
  }

  /** How many keys the stages have computed; those of routes are left out. */
  counts(): Record<string, number> {
    return this.#own.counts();
  }

  status(kind: string, key: string): ObjectStatus | undefined {
    return statusOf(this.stages.statuses, `${kind}/${key}`);
  }

  /** The conditions of an object, or of one of its listeners, as `<type>=<status>/<reason>`. */
  conditions(kind: string, key: string, listener?: string): string[] {
    const { status = {} } = this.status(kind, key) ?? {};
    const { conditions = [] } =
      listener === undefined
        ? status
        : (status.listeners?.find(({ name }) => name === listener) ?? {});
    return conditions
      .filter(({ type }) => type !== "SupportedVersion")
      .map((one) => `${one.type}=${one.status}/${one.reason}`);
  }

  /** Everything by its keys, in their order. */
  everything(): Record<string, unknown> {
    const { listeners, routeConfigs, secrets, infrastructure, statuses } = this.stages;
    return {
      statuses: Object.assign({}, ...statuses.map(sorted)) as object,
      listeners: sorted(listeners),
      routeConfigs: sorted(routeConfigs),
      secrets: sorted(secrets),
      infrastructure: sorted(infrastructure),
    };
  }
}

function sorted(cells: Pick<Cells<object>, "entries">): Record<string, unknown> {
  const entries = [...cells.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}
