import { RESOURCE_KINDS } from "../../resources/kinds.ts";
import { keyOf, type Resource } from "../../resources/object.ts";
import { MOD, type KeyValue } from "./api/messages.ts";
import { EtcdClient } from "./client/etcd-client.ts";
import type { EtcdOptions } from "./client/options.ts";
import { KeySpace, rangeEndOf, type KeyObject } from "./key-space.ts";
import { readValue } from "./read-value.ts";

/** An object as etcd has it. */
export interface StoredObject extends KeyObject {
  /** YAML or JSON, as somebody put it there. */
  readonly text: string;
  /** What a control plane says of it: JSON. Undefined: nothing. */
  readonly status: string | undefined;
}

export interface EtcdObjectsOptions extends EtcdOptions {
  /** All keys are below it; `/nuncio/` unless given. */
  readonly prefix?: string;
}

const PAGE_KEYS = 500;

/** Writes and reads the objects that control planes take from etcd. Rejects with etcd's errors. */
export class EtcdObjects {
  readonly #client: EtcdClient;
  readonly #keys: KeySpace;

  /** @throws when an endpoint, a certificate or a key cannot be used */
  constructor(options: EtcdObjectsOptions) {
    this.#client = new EtcdClient(options);
    this.#keys = new KeySpace(options.prefix);
  }

  /**
   * Puts an object there. Its `creationTimestamp` is that of the first time: the older one of two that claim the same goes first. One that
   * was put there without is given none, so that a change makes it no older or younger than it was.
   *
   * @param now RFC 3339, in whole seconds
   */
  async put(resource: Resource, now: string): Promise<"created" | "changed" | "unchanged"> {
    const name = this.#keys.resourceKey(objectOf(resource));
    const key = Buffer.from(name);
    for (;;) {
      const found = await this.#find(name);
      const text = textOf(resource, found === undefined ? now : this.#createdAt(name, found));
      if (found !== undefined && Buffer.from(found.value).toString() === text) return "unchanged";
      const value = found?.modRevision ?? 0n;
      const { succeeded } = await this.#client.txn({
        compare: [{ target: MOD, key, targetUnion: { case: "modRevision", value } }],
        success: [{ request: { case: "requestPut", value: { key, value: Buffer.from(text) } } }],
      });
      if (succeeded) return found === undefined ? "created" : "changed";
    }
  }

  /** False when it was not there. */
  async remove(object: KeyObject): Promise<boolean> {
    const name = this.#keys.resourceKey(object);
    if ((await this.#find(name)) === undefined) return false;
    const key = Buffer.from(name);
    await this.#client.txn({
      success: [{ request: { case: "requestDeleteRange", value: { key } } }],
    });
    return true;
  }

  /** All objects, sorted by their keys. Keys that are of no object are left out. */
  async list(): Promise<StoredObject[]> {
    const statuses = await this.#below(this.#keys.status);
    const values = await this.#below(this.#keys.resources);
    return Array.from(values, ([key, text]) => {
      const object = this.#keys.objectOf(key);
      if (typeof object === "string") return [];
      return [{ ...object, text, status: statuses.get(this.#keys.statusKeyOfResource(key)) }];
    }).flat();
  }

  close(): void {
    this.#client.close();
  }

  async #find(key: string): Promise<KeyValue | undefined> {
    const { kvs } = await this.#client.range({ key: Buffer.from(key) });
    return kvs[0];
  }

  async #below(prefix: string): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const first = Buffer.from(prefix);
    const range = { key: first, rangeEnd: rangeEndOf(first), limit: BigInt(PAGE_KEYS) };
    for await (const { key, value } of this.#client.pages(range))
      found.set(Buffer.from(key).toString(), Buffer.from(value).toString());
    return found;
  }

  #createdAt(name: string, found: KeyValue): string | undefined {
    const [object] = readValue(name, found, this.#keys, Infinity).content.objects;
    return object?.metadata.creationTimestamp;
  }
}

function objectOf(resource: Resource): KeyObject {
  const kind = RESOURCE_KINDS.find((each) => each.kind === resource.kind);
  if (kind === undefined) throw new Error(`no kind named ${resource.kind}`);
  return { kind, key: keyOf(resource) };
}

/** What was written in the object goes before the time it was made. */
function textOf(resource: Resource, createdAt: string | undefined): string {
  const metadata = {
    ...(createdAt !== undefined && { creationTimestamp: createdAt }),
    ...resource.metadata,
  };
  return `${JSON.stringify({ ...resource, metadata }, null, 2)}\n`;
}
