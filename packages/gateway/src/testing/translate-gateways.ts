import type { Cells } from "../incremental/cells.ts";
import { StageOrder } from "../incremental/stage-order.ts";
import { Table } from "../incremental/table.ts";
import type { Resource } from "../resources/object.ts";
import { ResourceStore } from "../resources/store.ts";
import type { DataPlaneState } from "../status/data-plane-state.ts";
import { DEFAULT_GATEWAY_CLASS } from "../translator/classes/default-class.ts";
import {
  gatewayStages,
  listenerStages,
  type GatewayStages,
  type ListenerStages,
} from "../translator/gateway-stages.ts";
import type { GatewayLimits } from "../translator/gateways/limits.ts";
import { ReferenceGrants } from "../translator/references/reference-grants.ts";
import type { TranslatedRoute } from "../translator/translated-route.ts";

/** All stages but those of routes, whose results are put in by hand. */
export class GatewayTranslation {
  readonly store = new ResourceStore();
  readonly routes = new Table<TranslatedRoute>("routes");
  readonly dataPlanes = new Table<DataPlaneState>("data planes");
  readonly stages: GatewayStages & ListenerStages;
  readonly #order: StageOrder;

  constructor(resources: readonly Resource[], limits?: GatewayLimits) {
    const { store, routes, dataPlanes } = this;
    const first = gatewayStages(store, new ReferenceGrants(store), limits);
    const then = listenerStages({ store, ...first, routes, dataPlanes });
    this.stages = { ...first, ...then };
    const { listeners, routeConfigs, secrets, infrastructure, statuses } = then;
    this.#order = new StageOrder([
      first.classes,
      first.gateways,
      listeners,
      routeConfigs,
      secrets,
      infrastructure,
      ...statuses,
    ]);
    for (const resource of [DEFAULT_GATEWAY_CLASS, ...resources]) store.put(resource);
    this.settle();
  }

  settle(): void {
    this.#order.settle();
  }

  counts(): Record<string, number> {
    return this.#order.counts();
  }

  /** The conditions of an object, or of one of its listeners, as `<type>=<status>/<reason>`. */
  conditions(kind: string, key: string, listener?: string): string[] {
    const { status = {} } =
      this.stages.statuses.map((cells) => cells.peek(`${kind}/${key}`)).find(Boolean) ?? {};
    const { conditions = [] } =
      listener === undefined
        ? status
        : (status.listeners?.find(({ name }) => name === listener) ?? {});
    return conditions
      .filter(({ type }) => type !== "SupportedVersion")
      .map((one) => `${one.type}=${one.status}/${one.reason}`);
  }

  /** Everything by its keys, in their order. */
  everything(): object {
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
