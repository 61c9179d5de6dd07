/** A key as a fake etcd has it. */
export interface StoredKey {
  readonly key: string;
  readonly value: Uint8Array;
  readonly createRevision: bigint;
  readonly modRevision: bigint;
  readonly version: bigint;
  readonly lease: bigint;
}

/** What became of a key at a revision. */
export interface StoredEvent {
  readonly revision: bigint;
  readonly key: string;
  /** Undefined: it is gone. */
  readonly now: StoredKey | undefined;
}

/** A key to write; a value of undefined removes it. */
export interface StoreChange {
  readonly key: string;
  readonly value?: Uint8Array;
  readonly lease?: bigint;
}

/** The data of a fake etcd: keys with revisions, and all that happened since the last compaction. */
export class EtcdStore {
  readonly clusterId: bigint;
  readonly keys: Map<string, StoredKey> = new Map();
  readonly events: StoredEvent[] = [];
  revision = 1n;
  /** All before it is forgotten. */
  compacted = 0n;
  /** Called after each change. */
  onChange: () => void = () => {};

  constructor(clusterId = 7n) {
    this.clusterId = clusterId;
  }

  /** Several changes at one revision. */
  apply(changes: readonly StoreChange[]): void {
    const revision = this.revision + 1n;
    for (const { key, value, lease = 0n } of changes) {
      const before = this.keys.get(key);
      if (value === undefined && before === undefined) continue;
      const now = value && {
        key,
        value,
        createRevision: before?.createRevision ?? revision,
        modRevision: revision,
        version: (before?.version ?? 0n) + 1n,
        lease,
      };
      if (now === undefined) this.keys.delete(key);
      else this.keys.set(key, now);
      this.events.push({ revision, key, now });
      this.revision = revision;
    }
    this.onChange();
  }

  put(key: string, value: string | Uint8Array): void {
    this.apply([{ key, value: typeof value === "string" ? Buffer.from(value) : value }]);
  }

  remove(key: string): void {
    this.apply([{ key }]);
  }

  text(key: string): string | undefined {
    const found = this.keys.get(key);
    return found && Buffer.from(found.value).toString();
  }

  compact(): void {
    this.compacted = this.revision;
    this.events.length = 0;
    this.onChange();
  }

  /** The keys of a range as they are now, sorted. */
  range(key: Uint8Array, end: Uint8Array): StoredKey[] {
    const inRange = rangeTest(key, end);
    return [...this.keys.values()]
      .filter((each) => inRange(each.key))
      .toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }
}

/** Whether a key is in a range: without an end it is one key. */
export function rangeTest(key: Uint8Array, end: Uint8Array): (name: string) => boolean {
  if (end.length === 0) return (name) => name === Buffer.from(key).toString();
  return (name) => {
    const bytes = Buffer.from(name);
    return Buffer.compare(bytes, key) >= 0 && Buffer.compare(bytes, end) < 0;
  };
}
