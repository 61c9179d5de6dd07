import { listenAddressText } from "../config/address.ts";
import type { ListenAddress, ListenerConfig } from "../listener/model.ts";
import type { WorkerStats, StatsRegistry } from "../observe/stats/definition.ts";
import { LISTENER_MANAGER_STATS } from "../observe/stats/tables/listener-manager.ts";
import type { FromWorker, ToWorker } from "../worker/messages.ts";
import type { DrainOptions } from "./admin/providers.ts";
import { DrainingListeners } from "./draining-listeners.ts";
import { StartError } from "./errors.ts";
import { addressKey, bindAddresses, isAnyPort, type BoundAddresses } from "./listener-addresses.ts";
import { ListenerVersion } from "./listener-version.ts";
import { shareEqual } from "./share-equal.ts";

const STATS = LISTENER_MANAGER_STATS.at;

/** `active`: workers have it; `warming`: they are getting it. */
export type ListenerState = "active" | "warming";

/** Listeners by name. Its versions are posted at once, one after the other, and each worker takes them in that order. */
interface Managed {
  /** The last one that every worker had. */
  active: ListenerVersion | null;
  newest: ListenerVersion;
}

/** A version that not every worker has answered for. */
interface Pending {
  readonly version: ListenerVersion;
  readonly waitsFor: Set<number>;
  readonly held: BoundAddresses;
  readonly placed: Promise<void>;
  error: string | null;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** What a manager works with. */
export interface ListenerManagerOptions {
  /** To all workers. */
  readonly post: (message: ToWorker) => void;
  readonly workers: number;
  readonly registry: StatsRegistry;
  readonly stats: WorkerStats;
  /** Whether the workers have sockets of an address already. */
  readonly isInherited?: (address: ListenAddress) => boolean;
}

/**
 * The listeners, on main (Envoy's `ListenerManagerImpl`): compares each configuration with the one before, binds first for
 * a clear error, has the workers take it, and knows when all of them have.
 */
export class ListenerManager {
  readonly #options: ListenerManagerOptions;
  readonly #slots: Float64Array;
  readonly #base: number;
  readonly #listeners = new Map<string, Managed>();
  /** By generation. */
  readonly #pending = new Map<number, Pending>();
  readonly #draining: DrainingListeners;
  #generation = 0;
  #chainId = 0;
  #stopped: "none" | "inbound" | "all" = "none";
  #healthCheckFailed = false;

  constructor(options: ListenerManagerOptions) {
    this.#options = options;
    this.#slots = options.stats.slots;
    this.#base = options.registry.scope("listener_manager.", LISTENER_MANAGER_STATS).base;
    this.#draining = new DrainingListeners(options.workers);
  }

  /** Those that every worker has, in order of creation. */
  get listeners(): readonly ListenerConfig[] {
    return [...this.#listeners.values()].flatMap(({ active }) =>
      active === null ? [] : [active.bound],
    );
  }

  /** Null: there is none of that name. */
  stateOf(name: string): ListenerState | null {
    const managed = this.#listeners.get(name);
    if (managed === undefined) return null;
    return managed.active === managed.newest ? "active" : "warming";
  }

  /** What stands against a configuration, as far as main can tell; null for nothing. */
  refusal(config: ListenerConfig): string | null {
    try {
      this.#bind(config, this.#listeners.get(config.name)?.newest ?? null).release();
      return null;
    } catch (error) {
      if (error instanceof StartError) return error.message;
      throw error;
    }
  }

  /**
   * Resolves when every worker has it; one that means the same as what is there changes nothing.
   * @throws StartError with Envoy's text when it cannot be; what runs is as it was then
   */
  async addOrUpdate(config: ListenerConfig): Promise<void> {
    if (this.#isStopped(config)) return;
    const { name } = config;
    const managed = this.#listeners.get(name) ?? null;
    const before = managed?.newest ?? null;
    const requested = shareEqual(before?.requested, config);
    if (before !== null && requested === before.requested) {
      await this.#pending.get(before.generation)?.placed;
      return;
    }
    await this.#place(requested, managed);
  }

  /** It accepts no more, its connections drain. Returns whether there was one. */
  remove(name: string): boolean {
    const managed = this.#listeners.get(name);
    if (managed === undefined) return false;
    this.#listeners.delete(name);
    const generation = ++this.#generation;
    this.#draining.add(generation, { listeners: 1, chains: 0, addresses: keysOf(managed.newest) });
    this.#options.post({ kind: "remove_listener", name, generation });
    // A worker that dies now never answers, as its successor does not hear of them.
    for (const pending of this.#pending.values())
      if (pending.version.name === name) this.#settle(pending);
    this.#slots[this.#base + STATS.listener_removed]! += 1;
    this.#refreshGauges();
    return true;
  }

  /** `POST /drain_listeners`: `stop` closes the sockets now, and further configurations do nothing. */
  drain({ inboundOnly }: Pick<DrainOptions, "inboundOnly">, stop: boolean): void {
    this.#options.post({ kind: "drain", stopAccepting: stop, inboundOnly });
    if (!stop) return;
    const stops = this.listeners.filter(
      (config) => !this.#isStopped(config) && (!inboundOnly || isInbound(config)),
    );
    this.#slots[this.#base + STATS.listener_stopped]! += stops.length;
    if (this.#stopped !== "all") this.#stopped = inboundOnly ? "inbound" : "all";
  }

  /** `POST /healthcheck/fail` and `ok`: connections of listeners with `drain_type: DEFAULT` drain meanwhile. */
  setHealthCheckFailed(failed: boolean): void {
    this.#healthCheckFailed = failed;
    this.#options.post({ kind: "health_check_failed", failed });
  }

  /** A worker answered. */
  onMessage(workerId: number, message: ListenerMessage): void {
    if (message.kind === "drained") {
      this.#draining.onDrained(message.generation, workerId);
      this.#refreshGauges();
      return;
    }
    const { generation, error } = message;
    if (error === null) this.#slots[this.#base + STATS.listener_create_success]! += 1;
    const name = this.#pending.get(generation)?.version.name;
    // Who has this one has, or passed over, those before it.
    for (const pending of this.#pending.values()) {
      const { version, waitsFor } = pending;
      if (version.name !== name || version.generation > generation) continue;
      if (version.generation === generation) pending.error ??= error;
      if (waitsFor.delete(workerId) && waitsFor.size === 0) this.#settle(pending);
    }
  }

  /** A successor of that worker will be sent `messages`; what drained there is gone. */
  onWorkerDeath(workerId: number): void {
    this.#draining.onWorkerDeath(workerId);
    this.#refreshGauges();
  }

  /** What a successor of a dead worker must hear. */
  messages(): ToWorker[] {
    const messages: ToWorker[] = [...this.#listeners.values()].map(({ newest }) => ({
      kind: "listener",
      update: newest.update(false),
    }));
    if (this.#healthCheckFailed) messages.push({ kind: "health_check_failed", failed: true });
    if (this.#stopped !== "none") {
      const inboundOnly = this.#stopped === "inbound";
      messages.push({ kind: "drain", stopAccepting: true, inboundOnly });
    }
    return messages;
  }

  workersStarted(): void {
    this.#slots[this.#base + STATS.workers_started] = 1;
  }

  /** Binds, and has the workers take it. */
  async #place(requested: ListenerConfig, managed: Managed | null): Promise<void> {
    const before = managed?.newest ?? null;
    const held = this.#bind(requested, before);
    const version = new ListenerVersion(
      ++this.#generation,
      requested,
      held.addresses,
      before,
      () => ++this.#chainId,
    );
    // Workers that have not answered for the one before may not have it.
    const incremental = managed !== null && managed.active === before;
    if (managed === null) this.#listeners.set(version.name, { active: null, newest: version });
    else managed.newest = version;
    const pending = newPending(version, this.#options.workers, held);
    this.#pending.set(version.generation, pending);
    if (before !== null)
      this.#draining.add(version.generation, {
        listeners: version.replaces ? 1 : 0,
        chains: version.chainsGone,
        addresses: version.replaces ? keysOf(before) : [],
      });
    this.#refreshGauges();
    this.#options.post({ kind: "listener", update: version.update(incremental) });
    await pending.placed;
  }

  /** @throws StartError */
  #bind(requested: ListenerConfig, before: ListenerVersion | null): BoundAddresses {
    if (before !== null && before.requested.reusePort !== requested.reusePort)
      throw new StartError(
        `Listener ${requested.name}: reuse port cannot be changed during an update`,
      );
    this.#checkDuplicates(requested);
    const { isInherited } = this.#options;
    try {
      return bindAddresses(
        requested,
        before,
        (address) =>
          this.#draining.hasAddress(addressKey(address)) || isInherited?.(address) === true,
      );
    } catch (error) {
      // As in Envoy what is refused before it binds does not count.
      this.#slots[this.#base + STATS.listener_create_failure]! += 1;
      throw error;
    }
  }

  #checkDuplicates({ name, addresses }: ListenerConfig): void {
    const wanted = new Map(
      addresses.filter((address) => !isAnyPort(address)).map((each) => [addressKey(each), each]),
    );
    for (const [other, { newest }] of this.#listeners) {
      if (other === name) continue;
      for (const address of newest.bound.addresses) {
        const double = wanted.get(addressKey(address));
        if (double === undefined) continue;
        throw new StartError(
          `error adding listener: '${name}' has duplicate address '${listenAddressText(double)}' as existing listener, ` +
            "to check if the listener has duplicated addresses with other listeners or 'enable_reuse_port' is set to 'false' for the listener",
        );
      }
    }
  }

  /** Every worker has answered, or none needs to. */
  #settle(pending: Pending): void {
    const { version, held, error } = pending;
    this.#pending.delete(version.generation);
    held.release();
    const managed = this.#listeners.get(version.name);
    if (managed === undefined) pending.resolve();
    else if (error === null) this.#activate(managed, version, pending);
    else this.#rollBack(managed, version, pending);
    this.#refreshGauges();
  }

  #activate(managed: Managed, version: ListenerVersion, { resolve }: Pending): void {
    const before = managed.active;
    managed.active = version;
    const counted = before === null ? STATS.listener_added : STATS.listener_modified;
    this.#slots[this.#base + counted]! += 1;
    if (version.onlyChainsChanged) this.#slots[this.#base + STATS.listener_in_place_updated]! += 1;
    resolve();
  }

  /** A worker could not take it. Others may have, and go back to what there was. */
  #rollBack(managed: Managed, version: ListenerVersion, { reject, error }: Pending): void {
    const { name } = version;
    const { active } = managed;
    this.#slots[this.#base + STATS.listener_create_failure]! += 1;
    if (managed.newest === version) {
      const generation = ++this.#generation;
      if (active === null) {
        this.#listeners.delete(name);
        this.#options.post({ kind: "remove_listener", name, generation });
      } else {
        managed.newest = active;
        this.#options.post({ kind: "listener", update: { ...active.update(false), generation } });
      }
    }
    this.#draining.forget(version.generation);
    reject(new StartError(error!));
  }

  #isStopped(config: ListenerConfig): boolean {
    return this.#stopped === "all" || (this.#stopped === "inbound" && isInbound(config));
  }

  #refreshGauges(): void {
    const states = [...this.#listeners.values()];
    const active = states.filter((managed) => managed.active !== null).length;
    const warming = states.filter((managed) => managed.active !== managed.newest).length;
    this.#slots[this.#base + STATS.total_listeners_active] = active;
    this.#slots[this.#base + STATS.total_listeners_warming] = warming;
    this.#setOnceUsed(STATS.total_listeners_draining, this.#draining.listeners);
    this.#setOnceUsed(STATS.total_filter_chains_draining, this.#draining.chains);
  }

  /** As in Envoy these two count as used when something drained, and not before. */
  #setOnceUsed(stat: number, value: number): void {
    const slot = this.#base + stat;
    if (value > 0 || this.#slots[slot]! > 0) this.#slots[slot] = value;
  }
}

/** What workers say about listeners. */
export type ListenerMessage = Extract<FromWorker, { kind: "listening" | "drained" }>;

function newPending(version: ListenerVersion, workers: number, held: BoundAddresses): Pending {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const waitsFor = new Set(Array.from({ length: workers }, (_, id) => id));
  return { version, waitsFor, held, placed: promise, error: null, resolve, reject };
}

function isInbound({ trafficDirection }: ListenerConfig): boolean {
  return trafficDirection === "inbound";
}

function keysOf({ bound }: ListenerVersion): string[] {
  return bound.addresses.map(addressKey);
}
