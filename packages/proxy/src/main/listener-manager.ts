import { listenAddressText } from "../config/address.ts";
import type { ListenerConfig, ListenAddress } from "../listener/model.ts";
import { reserve, type Reservation } from "../listener/server-socket.ts";
import type { WorkerStats, StatsRegistry } from "../observe/stats/definition.ts";
import { LISTENER_MANAGER_STATS } from "../observe/stats/tables/listener-manager.ts";
import type { ToWorker } from "../worker/messages.ts";
import { StartError } from "./errors.ts";

const STATS = LISTENER_MANAGER_STATS.at;

/** Listeners on main: binds first for a clear error, then has the workers listen, and waits for all of them. */
export class ListenerManager {
  readonly #post: (message: ToWorker) => void;
  readonly #workers: number;
  readonly #slots: Float64Array;
  readonly #base: number;
  readonly #active = new Map<string, ListenerConfig>();
  /** Per listener: workers that have not answered yet, and what is to be let go then. */
  readonly #pending = new Map<string, Pending>();

  constructor(
    post: (message: ToWorker) => void,
    workers: number,
    registry: StatsRegistry,
    stats: WorkerStats,
  ) {
    this.#post = post;
    this.#workers = workers;
    this.#slots = stats.slots;
    this.#base = registry.scope("listener_manager.", LISTENER_MANAGER_STATS).base;
  }

  /** In order of creation. */
  get listeners(): readonly ListenerConfig[] {
    return [...this.#active.values()];
  }

  /**
   * Resolves when every worker accepts on the listener.
   * @throws StartError when an address cannot be bound
   */
  async add(listener: ListenerConfig): Promise<void> {
    const reservations: Reservation[] = [];
    const addresses = listener.addresses.map((address) => {
      if (address.path !== "") return address;
      const reservation = reserve(address, listener.reusePort);
      if ("error" in reservation) {
        for (const earlier of reservations) earlier.release();
        throw new StartError(bindError(listener, address, reservation.error));
      }
      reservations.push(reservation);
      return { ...address, port: reservation.port };
    });
    // Without SO_REUSEPORT the worker could not bind beside the reservation.
    if (!listener.reusePort) for (const reservation of reservations) reservation.release();
    const bound: ListenerConfig = { ...listener, addresses };
    await new Promise<void>((resolve, reject) => {
      this.#pending.set(listener.name, { left: this.#workers, error: null, resolve, reject });
      this.#post({ kind: "listener", config: bound });
    }).finally(() => {
      if (listener.reusePort) for (const reservation of reservations) reservation.release();
    });
    this.#active.set(listener.name, bound);
    this.#slots[this.#base + STATS.total_listeners_warming] = 0;
    this.#slots[this.#base + STATS.listener_added]! += 1;
    this.#slots[this.#base + STATS.total_listeners_active] = this.#active.size;
  }

  /** A worker answered. */
  onListening(name: string, error: string | null): void {
    this.#slots[
      this.#base + (error === null ? STATS.listener_create_success : STATS.listener_create_failure)
    ]! += 1;
    const pending = this.#pending.get(name);
    if (pending === undefined) return;
    pending.error ??= error;
    if (--pending.left > 0) return;
    this.#pending.delete(name);
    if (pending.error === null) pending.resolve();
    else pending.reject(new StartError(`error adding listener '${name}': ${pending.error}`));
  }

  /** What a successor of a dead worker must hear. */
  messages(): ToWorker[] {
    return this.listeners.map((config) => ({ kind: "listener", config }));
  }

  workersStarted(): void {
    this.#slots[this.#base + STATS.workers_started] = 1;
  }
}

interface Pending {
  left: number;
  error: string | null;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

function bindError(listener: ListenerConfig, address: ListenAddress, reason: string): string {
  return `error adding listener '${listener.name}': cannot bind '${listenAddressText(address)}': ${reason}`;
}
