import { CREATE, type KeyValue } from "../api/messages.ts";
import type { EtcdClient } from "../client/etcd-client.ts";

export interface LeadershipOptions {
  readonly client: EtcdClient;
  readonly key: string;
  /** What the leader writes there; no two have the same. */
  readonly id: string;
  /** Another one can lead so long after the leader has gone without a word. */
  readonly leaseSeconds: number;
  /** How often the lease is renewed, or looked whether there is a leader; a third of the lease unless given. */
  readonly intervalMs?: number;
  /** `create_revision` of the key that makes this one the leader: what is written compares it. Undefined: another one leads. */
  readonly onChange: (term: bigint | undefined) => void;
  readonly onError: (error: unknown) => void;
}

/** Who of several writes: whoever made a key that goes with its lease. */
export class Leadership {
  readonly #options: LeadershipOptions;
  readonly #key: Uint8Array;
  #lease: bigint | undefined;
  #term: bigint | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#key = Buffer.from(options.key);
  }

  start(): void {
    this.#running = this.#tick();
  }

  /** Somebody has seen that another one leads. */
  lost(): void {
    this.#set(undefined);
  }

  /** Lets go, so that another one need not wait for the lease to end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
    if (this.#lease !== undefined)
      await this.#options.client.leaseRevoke(this.#lease).catch(() => {});
  }

  async #tick(): Promise<void> {
    try {
      await this.#renew();
    } catch (error) {
      // Nobody else leads before the lease has ended, and writes compare the key.
      this.#options.onError(error);
    }
    if (this.#isClosed) return;
    const { intervalMs, leaseSeconds } = this.#options;
    this.#timer = setTimeout(
      () => {
        this.#running = this.#tick();
      },
      intervalMs ?? (leaseSeconds * 1000) / 3,
    );
  }

  async #renew(): Promise<void> {
    const { client } = this.#options;
    if (this.#lease !== undefined && !(await client.leaseKeepAlive(this.#lease))) {
      this.#lease = undefined;
      this.#set(undefined);
    }
    if (this.#term !== undefined) return;
    const leader = await this.#read();
    if (leader === undefined) await this.#campaign();
    else if (this.#isMine(leader)) this.#set(leader.createRevision);
  }

  async #read(): Promise<KeyValue | undefined> {
    const { kvs } = await this.#options.client.range({ key: this.#key });
    return kvs[0];
  }

  async #campaign(): Promise<void> {
    const { client, leaseSeconds, id } = this.#options;
    this.#lease ??= await client.leaseGrant(leaseSeconds);
    const key = this.#key;
    await client.txn({
      compare: [{ target: CREATE, key, targetUnion: { case: "createRevision", value: 0n } }],
      success: [
        {
          request: {
            case: "requestPut",
            value: { key, value: Buffer.from(id), lease: this.#lease },
          },
        },
      ],
    });
    const leader = await this.#read();
    if (leader !== undefined && this.#isMine(leader)) this.#set(leader.createRevision);
  }

  #isMine({ value, lease }: KeyValue): boolean {
    return lease === this.#lease && Buffer.from(value).toString() === this.#options.id;
  }

  #set(term: bigint | undefined): void {
    if (this.#term === term) return;
    this.#term = term;
    this.#options.onChange(term);
  }
}
