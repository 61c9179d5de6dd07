import type { TxnResponse } from "../api/messages.ts";
import { CREATE, MOD } from "../api/messages.ts";
import type { TxnInit } from "../client/etcd-client.ts";
import type { WrittenKeys } from "./written-keys.ts";

/** What a key is to hold; undefined: it goes. */
export interface StatusWrite {
  readonly key: string;
  readonly text: string | undefined;
}

/** Below 128, which etcd takes in a transaction unless it is told otherwise: each write compares, too. */
const WRITES_MAX = 60;
/** Below the 1.5 MiB that etcd takes as a request. */
const TEXT_BYTES_MAX = 512 * 1024;

/** Puts as many writes together as etcd takes at once. */
export class StatusBatch {
  readonly writes: StatusWrite[] = [];
  #bytes = 0;

  /** False: it has to wait for another batch. A write that is too large for any goes alone. */
  add(write: StatusWrite): boolean {
    const bytes = Buffer.byteLength(write.text ?? "");
    const isFull = this.writes.length >= WRITES_MAX || this.#bytes + bytes > TEXT_BYTES_MAX;
    if (isFull && this.writes.length > 0) return false;
    this.writes.push(write);
    this.#bytes += bytes;
    return true;
  }

  /** Writes all if nobody else has, and this one still leads; else reads what there is. */
  transaction(leaderKey: string, term: bigint, written: WrittenKeys): TxnInit {
    const leader = Buffer.from(leaderKey);
    const keys = this.writes.map(({ key }) => Buffer.from(key));
    return {
      compare: [
        { target: CREATE, key: leader, targetUnion: { case: "createRevision", value: term } },
        ...this.writes.map(({ key }, index) => ({
          target: MOD,
          key: keys[index]!,
          targetUnion: { case: "modRevision", value: written.get(key)?.modRevision ?? 0n } as const,
        })),
      ],
      success: this.writes.map(({ text }, index) => ({
        request:
          text === undefined
            ? ({ case: "requestDeleteRange", value: { key: keys[index]! } } as const)
            : ({
                case: "requestPut",
                value: { key: keys[index]!, value: Buffer.from(text) },
              } as const),
      })),
      failure: [leader, ...keys].map((key) => ({
        request: { case: "requestRange", value: { key } },
      })),
    };
  }

  /** Takes what became of it. False: another one leads. */
  applied(term: bigint, response: TxnResponse, written: WrittenKeys): boolean {
    if (response.succeeded) {
      const modRevision = response.header?.revision ?? 0n;
      for (const { key, text } of this.writes)
        written.set(key, text === undefined ? undefined : { text, modRevision });
      return true;
    }
    const [leader, ...others] = response.responses.map(({ response: { case: kind, value } }) =>
      kind === "responseRange" ? value.kvs[0] : undefined,
    );
    for (const [index, { key }] of this.writes.entries()) written.take(key, others[index]);
    return leader?.createRevision === term;
  }
}
