import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { BackOff, type BackOffSettings } from "@nuncio/xds";
import type { ProviderState } from "../provider.ts";
import { DELETE, type KeyValue, type WatchResponse } from "./api/messages.ts";
import type { EtcdClient } from "./client/etcd-client.ts";
import { etcdErrorText } from "./client/etcd-error.ts";
import { rangeEndOf } from "./key-space.ts";

/** What is done with keys. */
export interface KeyListener {
  /** A key is new, or has another value. */
  put(key: string, keyValue: KeyValue): void;
  remove(key: string): void;
  /** All that came together is here. */
  flush(): void;
  /** How many keys are left out, because there are too many. */
  leftOut(count: number): void;
  state(state: ProviderState): void;
}

export interface KeyFollowerOptions {
  readonly client: EtcdClient;
  readonly prefix: string;
  readonly listener: KeyListener;
  /** More keys are left out. */
  readonly keysMax: number;
  /** Keys asked for at once. */
  readonly pageKeys: number;
  readonly backOff: BackOffSettings;
}

/**
 * All keys below a prefix: listed once, watched from there on. After a disconnection the watch goes on where it was; keys are listed
 * again when etcd has forgotten that (compaction), or is another one.
 */
export class KeyFollower {
  readonly #options: KeyFollowerOptions;
  readonly #backOff: BackOff;
  readonly #closed = new AbortController();
  readonly #key: Uint8Array;
  readonly #rangeEnd: Uint8Array;
  /** `mod_revision` of each key. */
  readonly #known = new Map<string, bigint>();
  readonly #listed: PromiseWithResolvers<void> = Promise.withResolvers();
  #leftOut = 0;
  /** All up to here is known; undefined: has to be listed. */
  #revision: bigint | undefined;
  #clusterId = 0n;
  /** Why it is not connected, as it was told. */
  #reason: string | undefined;
  #running: Promise<void> | undefined;

  constructor(options: KeyFollowerOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.backOff, Math.random);
    this.#key = Buffer.from(options.prefix);
    this.#rangeEnd = rangeEndOf(this.#key);
  }

  has(key: string): boolean {
    return this.#known.has(key);
  }

  /** Resolves when all keys have been listed for the first time, or this was closed. */
  start(): Promise<void> {
    this.#running ??= this.#run();
    return this.#listed.promise;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#running;
    this.#listed.resolve();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        if (this.#revision === undefined) await this.#list();
        await this.#watch();
      } catch (error) {
        if (signal.aborted) return;
        this.#disconnected(etcdErrorText(error));
      }
      await delay(this.#backOff.nextMs(), undefined, { signal }).catch(() => {});
    }
  }

  /** Takes keys page by page, all of the same revision, and forgets those that are not among them. */
  async #list(): Promise<void> {
    const { client, listener, pageKeys } = this.#options;
    const seen = new Set<string>();
    this.#setLeftOut(0);
    let revision: bigint | undefined;
    const range = { key: this.#key, rangeEnd: this.#rangeEnd, limit: BigInt(pageKeys) };
    for await (const { header, kvs } of client.rangePages(range)) {
      revision ??= header?.revision;
      this.#clusterId = header?.clusterId ?? 0n;
      for (const keyValue of kvs) {
        const name = Buffer.from(keyValue.key).toString();
        seen.add(name);
        if (this.#known.get(name) !== keyValue.modRevision) this.#put(name, keyValue);
      }
    }
    for (const name of this.#known.keys()) if (!seen.has(name)) this.#remove(name);
    this.#revision = revision;
    listener.flush();
    this.#listed.resolve();
  }

  async #watch(): Promise<void> {
    const revision = this.#revision!;
    const create = {
      key: this.#key,
      rangeEnd: this.#rangeEnd,
      startRevision: revision + 1n,
      // Asking for progress now and then is no way: before 3.4.25 the answer may be ahead of events.
      progressNotify: true,
      fragment: true,
    };
    const responses = this.#options.client.watch(
      { requestUnion: { case: "createRequest", value: create } },
      this.#closed.signal,
    );
    for await (const response of responses) {
      if (response.canceled) {
        this.#canceled(response);
        return;
      }
      if (response.created && !this.#isSameStore(response)) {
        this.#revision = undefined;
        return;
      }
      if (response.created) this.#connected();
      const hadLeftOut = this.#leftOut > 0;
      const hasRemoved = this.#take(response);
      if (hadLeftOut && hasRemoved) {
        this.#revision = undefined;
        return;
      }
    }
  }

  #connected(): void {
    this.#backOff.reset();
    this.#reason = undefined;
    const detail = `${this.#options.client.endpoint}, ${this.#known.size} keys`;
    this.#options.listener.state({ kind: "connected", detail });
  }

  /** The same reason is told once, however often it is tried. */
  #disconnected(reason: string): void {
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#options.listener.state({ kind: "disconnected", reason });
  }

  /** Data of another cluster, or of a backup: a watch would wait for revisions of long ago. */
  #isSameStore({ header }: WatchResponse): boolean {
    return header?.clusterId === this.#clusterId && header.revision >= this.#revision!;
  }

  #canceled({ compactRevision, cancelReason }: WatchResponse): void {
    if (compactRevision > 0n) {
      this.#revision = undefined;
      return;
    }
    throw new ConnectError(`the watch was cancelled: ${cancelReason}`, Code.Unavailable);
  }

  /** True when a key is gone. */
  #take({ header, created, events, fragment }: WatchResponse): boolean {
    let hasRemoved = false;
    for (const { type, kv } of events) {
      if (kv === undefined) continue;
      const name = Buffer.from(kv.key).toString();
      if (type === DELETE) hasRemoved = this.#remove(name) || hasRemoved;
      else this.#put(name, kv);
    }
    // The header is ahead of events while a watch that is behind gets them in batches.
    const last = events.at(-1)?.kv?.modRevision ?? (created ? 0n : (header?.revision ?? 0n));
    if (!fragment && last > this.#revision!) this.#revision = last;
    if (events.length > 0 && !fragment) this.#options.listener.flush();
    return hasRemoved;
  }

  #put(name: string, keyValue: KeyValue): void {
    if (!this.#known.has(name) && this.#known.size >= this.#options.keysMax) {
      this.#setLeftOut(this.#leftOut + 1);
      return;
    }
    this.#known.set(name, keyValue.modRevision);
    this.#options.listener.put(name, keyValue);
  }

  #remove(name: string): boolean {
    if (!this.#known.delete(name)) return false;
    this.#options.listener.remove(name);
    return true;
  }

  #setLeftOut(count: number): void {
    if (count === this.#leftOut) return;
    this.#leftOut = count;
    this.#options.listener.leftOut(count);
  }
}
