import { setTimeout as delay } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { BackOff, type BackOffSettings } from "@nuncio/xds";
import type { ObjectStatus } from "../../../status/object-status.ts";
import { writeStatus, type WrittenStatus } from "../../../status/written-status.ts";
import type { StatusChanges } from "../../provider.ts";
import type { EtcdClient } from "../client/etcd-client.ts";
import { etcdErrorText } from "../client/etcd-error.ts";
import type { KeySpace } from "../key-space.ts";
import { Leadership } from "./leadership.ts";
import { StatusBatch } from "./status-batch.ts";
import { WrittenKeys } from "./written-keys.ts";

export interface StatusWriterOptions {
  readonly client: EtcdClient;
  readonly keys: KeySpace;
  /** Whether etcd has the object of this resource key: only its status is written. */
  readonly hasObject: (resourceKey: string) => boolean;
  readonly id: string;
  readonly leaseSeconds: number;
  readonly leaseIntervalMs?: number;
  readonly pageKeys: number;
  readonly backOff: BackOffSettings;
  /** Why statuses cannot be written now; they will be tried again. Told once. */
  readonly onError: (reason: string) => void;
}

/**
 * Keeps the statuses below a prefix as they are wanted. Of several control planes one writes; the others know what is wanted, and
 * write what differs when they take over.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #wanted = new Map<string, ObjectStatus>();
  readonly #written = new WrittenKeys();
  readonly #due = new Set<string>();
  readonly #leadership: Leadership;
  readonly #backOff: BackOff;
  readonly #closed = new AbortController();
  #term: bigint | undefined;
  #isLoaded = false;
  #hasBegun = false;
  /** What was told last. */
  #failure = "";
  #running: Promise<void> | undefined;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.backOff, Math.random);
    const { client, keys, id, leaseSeconds, leaseIntervalMs } = options;
    this.#leadership = new Leadership({
      client,
      key: keys.leader,
      id,
      leaseSeconds,
      ...(leaseIntervalMs === undefined ? {} : { intervalMs: leaseIntervalMs }),
      onChange: (term) => this.#lead(term),
      onError: (error) => this.#failed(error),
    });
  }

  /** Takes what is wanted from now on. The first call is with all that there is. */
  update(changed: StatusChanges): void {
    for (const [name, status] of changed) {
      const slash = name.indexOf("/");
      const key = this.#options.keys.statusKey(name.slice(0, slash), name.slice(slash + 1));
      if (status === undefined) this.#wanted.delete(key);
      else this.#wanted.set(key, status);
      this.#due.add(key);
    }
    // Before that, nobody knows which of the statuses that are there are of no object.
    if (!this.#hasBegun) this.#leadership.start();
    this.#hasBegun = true;
    this.#wake();
  }

  /** An object has come or gone: a status that there was before may be due. */
  touch(statusKey: string): void {
    if (!this.#hasBegun) return;
    this.#due.add(statusKey);
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#running;
    if (this.#hasBegun) await this.#leadership.close();
  }

  #lead(term: bigint | undefined): void {
    this.#term = term;
    this.#isLoaded = false;
    this.#wake();
  }

  #wake(): void {
    if (this.#term === undefined || this.#closed.signal.aborted) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#due.size > 0) this.#wake();
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    // What comes together in this turn is written together.
    await Promise.resolve();
    while (!signal.aborted && this.#term !== undefined) {
      try {
        if (!this.#isLoaded) await this.#load();
        if (this.#due.size === 0) return;
        await this.#write(this.#term);
        this.#backOff.reset();
        this.#failure = "";
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error);
        await delay(this.#backOff.nextMs(), undefined, { signal }).catch(() => {});
      }
    }
  }

  #failed(error: unknown): void {
    const reason = etcdErrorText(error);
    if (reason !== this.#failure && !this.#closed.signal.aborted) this.#options.onError(reason);
    this.#failure = reason;
  }

  async #load(): Promise<void> {
    const { client, keys, pageKeys } = this.#options;
    const term = this.#term;
    await this.#written.load(client, keys.status, pageKeys);
    for (const key of [...this.#written.names(), ...this.#wanted.keys()]) this.#due.add(key);
    this.#isLoaded = this.#term === term;
  }

  async #write(term: bigint): Promise<void> {
    const batch = new StatusBatch();
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    for (const key of this.#due) {
      const text = this.#textOf(key, now);
      if (text !== this.#written.get(key)?.text && !batch.add({ key, text })) break;
      this.#due.delete(key);
    }
    if (batch.writes.length === 0) return;
    // Until it is known what became of it, all of it is due.
    for (const { key } of batch.writes) this.#due.add(key);
    const before = new Map(batch.writes.map(({ key }) => [key, this.#wanted.get(key)]));
    const { client, keys } = this.#options;
    const transaction = batch.transaction(keys.leader, term, this.#written);
    const response = await client.txn(transaction).catch((error: unknown) => {
      const [only, ...others] = batch.writes;
      // Too large for etcd: it would stand in the way of all others.
      if (others.length === 0 && ConnectError.from(error).code === Code.InvalidArgument)
        this.#due.delete(only!.key);
      throw error;
    });
    const isLeader = batch.applied(term, response, this.#written);
    if (response.succeeded)
      for (const [key, status] of before)
        if (this.#wanted.get(key) === status) this.#due.delete(key);
    if (!isLeader) this.#leadership.lost();
  }

  /** What a key is to hold; what it holds, where nothing is to be changed. */
  #textOf(key: string, now: string): string | undefined {
    const { keys, hasObject } = this.#options;
    const status = hasObject(keys.resourceKeyOfStatus(key)) ? this.#wanted.get(key) : undefined;
    if (status === undefined) return undefined;
    const text = this.#written.get(key)?.text;
    const before = text === undefined ? undefined : parsed(text);
    const after = writeStatus(status.status, before, now);
    return after === before ? text : JSON.stringify(after);
  }
}

/** Undefined for what is no status: it is written over. */
function parsed(text: string): WrittenStatus | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as WrittenStatus) : undefined;
  } catch {
    return undefined;
  }
}
