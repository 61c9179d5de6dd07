import type { KeyValue } from "../api/messages.ts";
import type { EtcdClient } from "../client/etcd-client.ts";
import { rangeEndOf } from "../key-space.ts";

/** What is written at a key. */
export interface WrittenKey {
  readonly text: string;
  readonly modRevision: bigint;
}

/** What is written below a prefix, as the one who writes there knows it. */
export class WrittenKeys {
  readonly #keys = new Map<string, WrittenKey>();

  get(key: string): WrittenKey | undefined {
    return this.#keys.get(key);
  }

  names(): IterableIterator<string> {
    return this.#keys.keys();
  }

  set(key: string, written: WrittenKey | undefined): void {
    if (written === undefined) this.#keys.delete(key);
    else this.#keys.set(key, written);
  }

  /** Takes what etcd answered for a key. */
  take(key: string, keyValue: KeyValue | undefined): void {
    this.set(key, keyValue && writtenOf(keyValue));
  }

  /** Reads all of them, page by page. */
  async load(client: EtcdClient, prefix: string, pageKeys: number): Promise<void> {
    this.#keys.clear();
    const key = Buffer.from(prefix);
    const range = { key, rangeEnd: rangeEndOf(key), limit: BigInt(pageKeys) };
    for await (const keyValue of client.pages(range))
      this.#keys.set(Buffer.from(keyValue.key).toString(), writtenOf(keyValue));
  }
}

function writtenOf({ value, modRevision }: KeyValue): WrittenKey {
  return { text: Buffer.from(value).toString(), modRevision };
}
