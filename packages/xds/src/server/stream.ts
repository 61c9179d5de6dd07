import type { Node } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { Clock, Timer } from "../types/clock.ts";
import { orderOfUrl, typeUrlOf } from "../types/resource-type.ts";
import type { ResourceCache } from "./cache.ts";
import type { ResponseDraft, XdsResponse } from "./response.ts";
import { Subscription } from "./subscription.ts";

const CDS = typeUrlOf("CDS");
const EDS = typeUrlOf("EDS");
const RDS = typeUrlOf("RDS");
const VHDS = typeUrlOf("VHDS");
/** From here on types send requests to clusters. */
const FIRST_USER_OF_CLUSTERS = orderOfUrl(typeUrlOf("LDS"));

/** A stream cannot go on; the transport ends it with this. */
export class XdsStreamError extends Error {
  override readonly name = "XdsStreamError";
}

/** What a stream is made with. */
export interface StreamSettings {
  readonly cache: ResourceCache;
  readonly clock: Clock;
  /** The one type of the stream; undefined on an aggregated one. */
  readonly typeUrl?: string;
  /** A client may ask for so many types on one stream. */
  readonly maxTypes: number;
  /** A client may name so many resources of a type on one stream. */
  readonly maxNames: number;
  /** Listeners and routes wait so long for the client to ask for the endpoints of clusters that were sent before them. */
  readonly endpointsWaitMs: number;
  /** There may be something to send. Calls `next` later, not from within. */
  readonly onReady: () => void;
}

/**
 * The server's side of one stream. Requests go in by `receive` of the variant; responses are asked for by `next` when the
 * transport can write, so there is no queue: what is sent is the newest state at that moment.
 *
 * Types are sent in make-before-break order, and listeners and routes not before the endpoints of clusters that were
 * sent: between the two the client asks for the endpoints, and a route that is there earlier leads to a cluster that is
 * still warming.
 */
export abstract class XdsStream {
  readonly #settings: StreamSettings;
  readonly #subscriptions = new Map<string, Subscription>();
  #ordered: Subscription[] = [];
  #node: Node | undefined;
  #lastNonce = 0;
  /** Names of endpoints that were not sent since their cluster was. */
  readonly #awaitedEndpoints = new Set<string>();
  #waitTimer: Timer | undefined;
  #closed = false;

  constructor(settings: StreamSettings) {
    this.#settings = settings;
  }

  /** The client, as its first request told. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** All types that were asked for, in make-before-break order. */
  get subscriptions(): readonly Subscription[] {
    return this.#ordered;
  }

  /** The next response, undefined when there is nothing to send now. */
  next(): XdsResponse | undefined {
    if (this.#closed) return undefined;
    this.#forgetVanishedEndpoints();
    let clustersAreDue = this.#awaitedEndpoints.size > 0;
    for (const subscription of this.#ordered) {
      const usesClusters = orderOfUrl(subscription.typeUrl) >= FIRST_USER_OF_CLUSTERS;
      if (usesClusters && clustersAreDue) break;
      if (subscription.pending !== undefined) {
        clustersAreDue ||= subscription.dirty.size > 0 || subscription.retries.length > 0;
        continue;
      }
      const draft = this.compose(subscription);
      if (draft !== undefined) return this.#send(subscription, draft);
    }
    // What referred to the resources that are gone was taken back when all has been sent and answered.
    if (this.#awaitedEndpoints.size > 0) return undefined;
    if (this.#ordered.some(({ pending }) => pending !== undefined)) return undefined;
    for (const subscription of this.#ordered.toReversed()) {
      const draft = this.composeRemoval(subscription);
      if (draft !== undefined) return this.#send(subscription, draft);
    }
    return undefined;
  }

  /** Ends all watches and timers. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waitTimer?.cancel();
    for (const subscription of this.#ordered) subscription.close();
  }

  /** What is new of a type. */
  protected abstract compose(subscription: Subscription): ResponseDraft | undefined;

  /** True when a response leaves nothing out that the client is to keep. */
  protected abstract isComplete(subscription: Subscription): boolean;

  /** What is gone of a type, where it is told by itself. */
  protected abstract composeRemoval(subscription: Subscription): ResponseDraft | undefined;

  /** The state of the type that a request is about; `isFirst` when the stream has not heard of it before. */
  protected subscriptionOf(
    node: Node | undefined,
    requestedUrl: string,
  ): { subscription: Subscription; isFirst: boolean } | undefined {
    this.#node ??= node;
    const typeUrl = this.#typeUrl(requestedUrl);
    const known = this.#subscriptions.get(typeUrl);
    if (known !== undefined) return { subscription: known, isFirst: false };
    if (this.#subscriptions.size >= this.#settings.maxTypes)
      throw new XdsStreamError(`more than ${this.#settings.maxTypes} types on a stream`);
    if (this.#node === undefined) throw new XdsStreamError("the first request has no node");
    const table = this.#settings.cache.tableFor(this.#node, typeUrl);
    if (table === undefined) return undefined;
    const { clock, onReady } = this.#settings;
    const subscription = new Subscription(table, { clock, wake: onReady });
    this.#subscriptions.set(typeUrl, subscription);
    this.#ordered = [...this.#subscriptions.values()].toSorted(
      (a, b) => orderOfUrl(a.typeUrl) - orderOfUrl(b.typeUrl),
    );
    return { subscription, isFirst: true };
  }

  /** Hands a client's answer on. */
  protected answer(subscription: Subscription, nonce: string, message: string | undefined): void {
    const response = subscription.answer(nonce, message);
    if (response === undefined) return;
    if (message === undefined) {
      if (response.typeUrl === RDS) this.#sendVirtualHostsOf(response);
      return;
    }
    // One bad resource does not keep the others away, and it comes out which one it is.
    if (!this.isComplete(subscription)) subscription.retryInHalves(response);
    if (response.typeUrl === CDS) this.#clustersRefused(response);
  }

  /** Adds names to what the client wants, within the limit. */
  protected addNames(subscription: Subscription, names: Iterable<string>): void {
    for (const name of names) subscription.add(name);
    if (subscription.names.size > this.#settings.maxNames)
      throw new XdsStreamError(`more than ${this.#settings.maxNames} names of a type`);
  }

  #typeUrl(requested: string): string {
    const own = this.#settings.typeUrl;
    const typeUrl = requested === "" ? own : requested;
    if (typeUrl === undefined) throw new XdsStreamError("type_url is required on an ADS stream");
    if (own !== undefined && own !== typeUrl)
      throw new XdsStreamError(`this stream is for ${own}, not for ${typeUrl}`);
    return typeUrl;
  }

  #send(subscription: Subscription, draft: ResponseDraft): XdsResponse {
    this.#lastNonce += 1;
    const response = {
      ...draft,
      typeUrl: subscription.typeUrl,
      nonce: String(this.#lastNonce),
    };
    if (subscription.typeUrl === CDS && this.#settings.typeUrl === undefined)
      this.#awaitEndpoints(subscription, response);
    if (subscription.typeUrl === EDS) this.#endpointsSent(response);
    subscription.sent(response, this.isComplete(subscription));
    return response;
  }

  /**
   * A client warms a cluster that has changed until its endpoints come, also when it has had them before and they are the
   * same.
   */
  #awaitEndpoints(clusters: Subscription, { resources }: XdsResponse): void {
    const endpoints = this.#subscriptions.get(EDS);
    for (const cluster of resources) {
      if (clusters.known.get(cluster.name) === cluster.version) continue;
      const name = cluster.endpointsName;
      if (name === undefined || !this.#hasEndpoints(name)) continue;
      this.#awaitedEndpoints.add(name);
      endpoints?.sendAgain(name);
    }
    if (this.#awaitedEndpoints.size === 0) return;
    this.#waitTimer ??= this.#settings.clock.setTimer(this.#settings.endpointsWaitMs, () =>
      this.#stopWaiting(),
    );
  }

  /** Who refuses several has most likely taken the good ones, and asks for their endpoints; one by itself is not taken. */
  #clustersRefused({ resources }: XdsResponse): void {
    if (resources.length > 1) return;
    for (const { endpointsName } of resources)
      if (endpointsName !== undefined) this.#awaitedEndpoints.delete(endpointsName);
    if (this.#awaitedEndpoints.size === 0) this.#stopWaiting();
  }

  /**
   * Envoy asks for all virtual hosts, once, and drops those whose route configuration it does not have yet: the listener
   * that waits for them would do so for ever. Who names route configurations asks for them by itself.
   */
  #sendVirtualHostsOf({ resources }: XdsResponse): void {
    const hosts = this.#subscriptions.get(VHDS);
    if (hosts?.wildcard !== true) return;
    for (const { name } of resources)
      for (const member of hosts.table.namesIn(name)) hosts.sendAgain(member);
  }

  #hasEndpoints(name: string): boolean {
    const table = this.#node && this.#settings.cache.tableFor(this.#node, EDS);
    return table?.set?.resources.has(name) === true;
  }

  /** Endpoints that have been taken away meanwhile will not come. */
  #forgetVanishedEndpoints(): void {
    if (this.#awaitedEndpoints.size === 0) return;
    for (const name of this.#awaitedEndpoints) {
      if (!this.#hasEndpoints(name)) this.#awaitedEndpoints.delete(name);
    }
    if (this.#awaitedEndpoints.size === 0) this.#stopWaiting();
  }

  #endpointsSent({ resources, removed }: XdsResponse): void {
    for (const { name } of resources) this.#awaitedEndpoints.delete(name);
    for (const name of removed) this.#awaitedEndpoints.delete(name);
    if (this.#awaitedEndpoints.size === 0) this.#stopWaiting();
  }

  #stopWaiting(): void {
    if (this.#waitTimer === undefined) return;
    this.#waitTimer.cancel();
    this.#waitTimer = undefined;
    this.#awaitedEndpoints.clear();
    this.#settings.onReady();
  }
}
