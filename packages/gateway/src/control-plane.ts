import {
  listenGrpc,
  systemClock,
  XdsServer,
  type Clock,
  type ListeningServer,
  type XdsCallbacks,
} from "@nuncio/xds";
import { ControlPlaneCounters } from "./admin/control-plane-counters.ts";
import { Table } from "./incremental/table.ts";
import { DataPlaneStates } from "./infrastructure/data-plane-states.ts";
import { anyAddress, localAddresses } from "./infrastructure/local-addresses.ts";
import type { XdsAddress } from "./infrastructure/xds-address.ts";
import { pipeline, type Pipeline } from "./pipeline.ts";
import type { ObjectKey } from "./resources/object.ts";
import { ResourceStore } from "./resources/store.ts";
import type { DataPlaneState } from "./status/data-plane-state.ts";
import type { GatewayLimits } from "./translator/gateways/limits.ts";
import { GatewayCache } from "./xds/gateway-cache.ts";

/** The group of a data plane that serves all gateways. */
export const ALL_GATEWAYS = "all-gateways";

export interface ControlPlaneOptions {
  /** One data plane for all gateways, or one for each. */
  readonly dataPlanes: "one" | "each";
  readonly xds: XdsAddress;
  /** What one Gateway may have at most. */
  readonly limits?: GatewayLimits;
  /** A computation threw: a defect of ours. */
  readonly onDefect: (stage: string, key: string, error: unknown) => void;
  /** The system's unless given. */
  readonly clock?: Clock;
}

/** From objects to what data planes are sent: the pipeline, the server of xDS, and what comes back from data planes. */
export class ControlPlane {
  readonly store: ResourceStore = new ResourceStore();
  readonly pipeline: Pipeline;
  readonly dataPlaneStates: DataPlaneStates;
  /** Called when everything is computed that has to be. */
  onSettled: () => void = () => {};
  readonly #options: ControlPlaneOptions;
  /** For transports of xDS, and for whoever wants to know what data planes have. */
  readonly server: XdsServer;
  /** The server's. */
  readonly clock: Clock;
  readonly counters: ControlPlaneCounters = new ControlPlaneCounters();
  readonly #cache: GatewayCache;
  #listening: ListeningServer | undefined;
  #address: XdsAddress | undefined;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    this.clock = options.clock ?? systemClock;
    const states = new Table<DataPlaneState>("data planes");
    const { onDefect, limits } = options;
    this.pipeline = pipeline({
      store: this.store,
      dataPlanes: states,
      onDefect,
      anyAddress: anyAddress(),
      ...(limits === undefined ? {} : { limits }),
    });
    const { pieces, resources } = this.pipeline;
    this.#cache = new GatewayCache(resources, (gateway) => this.groupOf(gateway));
    if (options.dataPlanes === "one") this.#cache.open(ALL_GATEWAYS);
    this.dataPlaneStates = new DataPlaneStates({
      server: () => this.server,
      clock: this.clock,
      infrastructure: pieces.infrastructure,
      listeners: pieces.listeners,
      resources,
      groupOf: (gateway) => this.groupOf(gateway),
      addresses: () => localAddresses().map((value) => ({ type: "IPAddress", value })),
      states,
      onNews: () => this.settle(),
    });
    this.server = new XdsServer({
      cache: this.#cache,
      clock: this.clock,
      callbacks: this.#callbacks(),
    });
    pieces.infrastructure.onChange((gateway, value) => {
      if (options.dataPlanes === "one") return;
      if (value === undefined) this.#cache.close(gateway);
      else this.#cache.open(gateway);
    });
  }

  /** `node.cluster` of the data planes that serve a gateway. */
  groupOf(gateway: ObjectKey): string {
    return this.#options.dataPlanes === "one" ? ALL_GATEWAYS : gateway;
  }

  /** Computes what has to be computed again, and sends data planes what differs. */
  settle(): void {
    this.counters.change(() => {
      do this.pipeline.order.settle();
      while (this.dataPlaneStates.update());
    });
    this.onSettled();
  }

  /** Where data planes connect; undefined as long as they cannot. */
  readonly listeningOn = (): XdsAddress | undefined => this.#address;

  /** Rejects when the port or the path cannot be had. */
  async listen(): Promise<XdsAddress> {
    const { xds } = this.#options;
    this.#listening = await listenGrpc(this.server, xds);
    const { port } = this.#listening.address;
    return (this.#address = "path" in xds ? xds : { ...xds, port });
  }

  async close(): Promise<void> {
    this.dataPlaneStates.close();
    await this.#listening?.close();
  }

  #callbacks(): XdsCallbacks {
    const [counting, following] = [this.counters.callbacks, this.dataPlaneStates.callbacks];
    return {
      ...following,
      onRequest: (stream, request) => {
        counting.onRequest(stream, request);
        following.onRequest?.(stream, request);
      },
      onResponse: counting.onResponse,
    };
  }
}
