import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { BackOffSettings } from "@nuncio/xds";
import type { Provider, ProviderSink, StatusChanges } from "../provider.ts";
import { EtcdClient } from "./client/etcd-client.ts";
import type { EtcdOptions } from "./client/options.ts";
import { KeyFollower } from "./key-follower.ts";
import { KeySpace } from "./key-space.ts";
import { readValue } from "./read-value.ts";
import { StatusWriter } from "./status/status-writer.ts";

export interface EtcdProviderOptions extends EtcdOptions {
  /** All keys are below it; `/nuncio/` unless given. */
  readonly prefix?: string;
  /** Larger values are refused; 1.5 MiB unless given, which etcd takes by default. */
  readonly valueBytesMax?: number;
  /** More objects are left out; 100,000 unless given. */
  readonly keysMax?: number;
  /** Keys asked for at once; 500 unless given. */
  readonly pageKeys?: number;
  /** Another control plane writes statuses so long after the one that does has gone without a word; 10 unless given. */
  readonly leaseSeconds?: number;
  /** How often the lease is renewed; a third of it unless given. */
  readonly leaseIntervalMs?: number;
  /** The wait before etcd is asked again; 100 ms up to 10 s unless given. */
  readonly backOff?: BackOffSettings;
}

const VALUE_BYTES_MAX = 1024 * 1536;
const KEYS_MAX = 100_000;
const PAGE_KEYS = 500;
const LEASE_SECONDS = 10;
const BACK_OFF: BackOffSettings = { baseIntervalMs: 100, maxIntervalMs: 10_000 };

/**
 * Takes objects of Gateway API from keys of etcd, follows them, and writes their statuses beside them. Without etcd all goes on with
 * what there was.
 */
export class EtcdProvider implements Provider {
  readonly name: string;
  readonly #options: EtcdProviderOptions;
  readonly #client: EtcdClient;
  readonly #keys: KeySpace;
  #follower: KeyFollower | undefined;
  #statuses: StatusWriter | undefined;

  /** @throws when an endpoint, a certificate or a key cannot be used */
  constructor(options: EtcdProviderOptions) {
    this.#options = options;
    this.#client = new EtcdClient(options);
    this.#keys = new KeySpace(options.prefix);
    this.name = `etcd ${options.endpoints.join(",")}`;
  }

  async start(sink: ProviderSink): Promise<void> {
    const options = this.#options;
    const backOff = options.backOff ?? BACK_OFF;
    const pageKeys = options.pageKeys ?? PAGE_KEYS;
    const keysMax = options.keysMax ?? KEYS_MAX;
    const client = this.#client;
    const keys = this.#keys;
    const valueBytesMax = options.valueBytesMax ?? VALUE_BYTES_MAX;
    const follower = new KeyFollower({
      client,
      prefix: keys.resources,
      keysMax,
      pageKeys,
      backOff,
      listener: {
        put: (key, keyValue) => {
          const { content, problems } = readValue(key, keyValue, keys, valueBytesMax);
          sink.update(key, content, problems);
          this.#touch(key);
        },
        remove: (key) => {
          sink.update(key, undefined);
          this.#touch(key);
        },
        flush: () => sink.changed(),
        leftOut: (count) => {
          const line = `${keys.resources}: expected at most ${keysMax} keys, ${count} more are left out`;
          sink.problems(keys.resources, count === 0 ? [] : [line]);
        },
        state: (state) => sink.state(state),
      },
    });
    this.#follower = follower;
    this.#statuses = new StatusWriter({
      client,
      keys,
      hasObject: (key) => follower.has(key),
      id: `${hostname()}-${process.pid}-${randomUUID()}`,
      leaseSeconds: options.leaseSeconds ?? LEASE_SECONDS,
      ...(options.leaseIntervalMs === undefined
        ? {}
        : { leaseIntervalMs: options.leaseIntervalMs }),
      pageKeys,
      backOff,
      onError: (reason) => sink.problems(keys.status, [`${keys.status}: not written: ${reason}`]),
    });
    await follower.start();
  }

  writeStatuses(changed: StatusChanges): void {
    this.#statuses?.update(changed);
  }

  async close(): Promise<void> {
    const followed = this.#follower?.close();
    await this.#statuses?.close();
    // Calls that are under way end with it.
    this.#client.close();
    await followed;
  }

  #touch(resourceKey: string): void {
    this.#statuses?.touch(this.#keys.statusKeyOfResource(resourceKey));
  }
}
