import type { Timer, Clock } from "../types/clock.ts";
import type { CachedResource } from "./cached-resource.ts";
import type { ResourceTable, TableWatcher } from "./resource-table.ts";
import type { XdsResponse } from "./response.ts";

/** A version that a client did not take, and why. */
export interface Refusal {
  readonly version: string;
  /** The client's words. */
  readonly message: string;
  readonly atMs: number;
}

/** What a subscription needs of its stream. */
export interface SubscriptionHost {
  readonly clock: Clock;
  /** There may be something to send. */
  wake(): void;
}

/**
 * One type on one stream: what the client wants, what it was last sent, and what it said to that. At most one response
 * is under way; whatever changes until the answer comes is looked at then, so a slow client gets the newest state and
 * never a queue.
 */
export class Subscription implements TableWatcher {
  readonly typeUrl: string;
  readonly table: ResourceTable;
  readonly #host: SubscriptionHost;

  /** Names that the client asked for, in their one spelling; `*` is not among them. */
  readonly names = new Set<string>();
  /** Those of them that are of collections. */
  readonly collections = new Set<string>();
  /** The client wants all that there is. */
  wildcard = false;
  /** The client wants all because it has never named anything. */
  wildcardByDefault = false;
  /** Version of each resource that the client was last sent, or that it said it has. */
  readonly known = new Map<string, string>();
  /** Of what the client was sent: what it may have dropped, and is to be sent again as it is. */
  readonly #dropped = new Set<string>();
  /** Names to be looked at before the next response. */
  readonly dirty = new Set<string>();
  /** Names that were asked for since the last look: the client is told when they are not there. */
  readonly asked = new Set<string>();
  /** A wildcard is answered even when there is nothing: the client waits for that. */
  mustAnswer = false;
  /** Resources that are gone and that the client still has; told when nothing refers to them any more. */
  readonly gone = new Set<string>();
  /** Names to be said to be alive (delta). */
  readonly heartbeats = new Set<string>();
  /** Batches of names that were refused together with others, to be sent again by themselves. */
  readonly retries: string[][] = [];

  /** The response that the client has not answered yet. */
  pending: XdsResponse | undefined;
  /** Of the last response, answered or not. */
  lastNonce: string | undefined;
  /** The last response that the client accepted. */
  accepted: { readonly version: string; readonly atMs: number } | undefined;
  /** The last response that the client refused, when it has accepted none since. */
  refusal: Refusal | undefined;
  /** Resources whose last version was refused. A resource that was refused together with others may be a good one. */
  readonly refused = new Map<string, Refusal>();
  /** Time to live of the resources that have one, in milliseconds. */
  readonly #mortal = new Map<string, number>();
  #heartbeat: { readonly atMs: number; readonly timer: Timer } | undefined;

  constructor(table: ResourceTable, host: SubscriptionHost) {
    this.typeUrl = table.typeUrl;
    this.table = table;
    this.#host = host;
    table.join(this);
  }

  /** Adds a name; what the client had of it is not relied on. */
  add(name: string): void {
    this.names.add(name);
    this.table.watch(name, this);
    this.ask(name);
    if (!this.table.collections.isName(name)) return;
    this.collections.add(name);
    for (const member of this.table.namesIn(name)) this.ask(member);
  }

  /** The client is to hear of this name, whatever it was sent before. */
  ask(name: string): void {
    this.known.delete(name);
    this.asked.add(name);
    this.changed(name);
  }

  /** Takes a name away; under a wildcard the client may still want the resource. */
  drop(name: string): void {
    if (!this.names.delete(name)) return;
    this.table.unwatch(name, this);
    this.#lost(name);
    if (this.collections.delete(name)) {
      for (const member of this.known.keys()) if (!this.wants(member)) this.#lost(member);
    }
    this.asked.delete(name);
    this.dirty.delete(name);
  }

  /** Begins or ends the wish for all. */
  setWildcard(on: boolean): void {
    if (on === this.wildcard) return;
    this.wildcard = on;
    if (on) {
      this.mustAnswer = true;
      this.table.watchAll(this);
      this.changedAll();
      return;
    }
    this.table.unwatchAll(this);
    for (const name of this.known.keys()) {
      if (!this.wants(name)) this.known.delete(name);
    }
  }

  /** False when there is nothing to be looked at, and the client waits for nothing. */
  get mayHaveNews(): boolean {
    const { dirty, heartbeats, retries, mustAnswer } = this;
    return mustAnswer || dirty.size > 0 || heartbeats.size > 0 || retries.length > 0;
  }

  /** True of a resource that the client wants. */
  wants(name: string): boolean {
    if (this.wildcard || this.names.has(name)) return true;
    if (this.collections.size === 0) return false;
    const collection = this.table.collections.of(name);
    return collection !== undefined && this.collections.has(collection);
  }

  /** A table's word. */
  changed(name: string): void {
    this.dirty.add(name);
    this.#host.wake();
  }

  /** A table's word. */
  changedAll(): void {
    const names = this.wildcard ? (this.table.set?.resources.keys() ?? []) : [];
    for (const each of [names, this.names, this.known.keys()]) {
      for (const name of each) this.dirty.add(name);
    }
    for (const collection of this.collections) {
      for (const name of this.table.namesIn(collection)) this.dirty.add(name);
    }
    this.#host.wake();
  }

  /** Sends the resource again although the client was sent it: it may have dropped what it had. */
  sendAgain(name: string): void {
    if (!this.known.has(name)) return;
    this.#dropped.add(name);
    this.changed(name);
  }

  /** True when the client has this version of a resource. */
  hasVersion({ name, version }: CachedResource): boolean {
    return this.known.get(name) === version && !this.#dropped.has(name);
  }

  /** The response was handed to the transport. After a complete one the client has nothing else. */
  sent(response: XdsResponse, isComplete: boolean): void {
    this.pending = response;
    this.lastNonce = response.nonce;
    if (isComplete) {
      this.known.clear();
      this.#dropped.clear();
      this.#mortal.clear();
    }
    for (const resource of response.resources) this.#has(resource);
    for (const name of response.removed) this.#lost(name);
    if (isComplete) {
      for (const name of this.refused.keys()) if (!this.known.has(name)) this.refused.delete(name);
    }
    this.#setHeartbeat();
  }

  /** The client's answer; nothing when it is to another response than the one under way. */
  answer(nonce: string, errorMessage: string | undefined): XdsResponse | undefined {
    const response = this.pending;
    if (response === undefined || response.nonce !== nonce) return undefined;
    this.pending = undefined;
    const atMs = this.#host.clock.nowMs();
    if (errorMessage === undefined) this.#accept(response, atMs);
    else this.#refuse(response, { version: response.version, message: errorMessage, atMs });
    this.#host.wake();
    return response;
  }

  /** Ends all watches and timers. */
  close(): void {
    this.#heartbeat?.timer.cancel();
    this.table.unwatchAll(this);
    for (const name of this.names) this.table.unwatch(name, this);
    this.table.leave(this);
  }

  #accept({ version, resources }: XdsResponse, atMs: number): void {
    this.accepted = { version, atMs };
    this.refusal = undefined;
    for (const { name } of resources) this.refused.delete(name);
  }

  #refuse({ resources }: XdsResponse, refusal: Refusal): void {
    this.refusal = refusal;
    for (const { name, version } of resources) {
      if (this.wants(name)) this.refused.set(name, { ...refusal, version });
    }
  }

  /** Has the resources of a refused response sent again in two halves, and so on down to the bad one. */
  retryInHalves({ resources }: XdsResponse): void {
    if (resources.length < 2) return;
    const half = Math.ceil(resources.length / 2);
    const names = resources.map(({ name }) => name);
    this.retries.push(names.slice(0, half), names.slice(half));
  }

  /** The next batch of refused names, without those that have changed or are not wanted any more. */
  takeRetry(): CachedResource[] {
    for (let batch = this.retries.shift(); batch !== undefined; batch = this.retries.shift()) {
      const resources = batch
        .map((name) => this.table.set?.resources.get(name))
        .filter((resource) => resource !== undefined)
        .filter(
          ({ name, version }) =>
            this.known.get(name) === version && this.refused.get(name)?.version === version,
        );
      if (resources.length > 0) return resources;
    }
    return [];
  }

  #has(resource: CachedResource): void {
    this.known.set(resource.name, resource.version);
    this.#dropped.delete(resource.name);
    if (resource.ttlMs === undefined) this.#mortal.delete(resource.name);
    else this.#mortal.set(resource.name, resource.ttlMs);
  }

  #lost(name: string): void {
    this.known.delete(name);
    this.#dropped.delete(name);
    this.gone.delete(name);
    this.refused.delete(name);
    this.heartbeats.delete(name);
    this.#mortal.delete(name);
  }

  /** Twice within the shortest time to live the client hears of what it has. */
  #setHeartbeat(): void {
    if (this.#mortal.size === 0) return;
    const { clock } = this.#host;
    const delayMs = [...this.#mortal.values()].reduce((a, b) => Math.min(a, b)) / 2;
    const atMs = clock.nowMs() + delayMs;
    if (this.#heartbeat !== undefined && this.#heartbeat.atMs <= atMs) return;
    this.#heartbeat?.timer.cancel();
    const timer = clock.setTimer(delayMs, () => {
      this.#heartbeat = undefined;
      for (const name of this.#mortal.keys()) this.heartbeats.add(name);
      this.#host.wake();
    });
    this.#heartbeat = { atMs, timer };
  }
}
