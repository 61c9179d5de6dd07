import { keptDatagrams } from "./datagram-sender.ts";
import { loadRecvmmsg, type NativeRecvmmsg } from "./native-recvmmsg.ts";
import { NAME_BYTES, SenderNames } from "./sender-names.ts";

/** Datagrams that are read by one system call. */
const SLOTS = 32;
/** No datagram is longer. */
const SLOT_BYTES = 65_536;

// Of Linux's headers: `mmsghdr` with the fields that are used here, and `iovec`.
const MMSGHDR_BYTES = 64;
const NAME_AT = 0;
const NAME_LENGTH_AT = 8;
const IOV_AT = 16;
const IOV_COUNT_AT = 24;
const RECEIVED_AT = 56;
const IOVEC_BYTES = 16;
const EAGAIN = 11;

/**
 * Reads many datagrams of a socket by one system call, into memory that all sockets of a worker share. What was read is there
 * until the next read.
 */
export class DatagramBatch {
  /** Whether the last read met an error that the kernel was told of. */
  failed = false;
  readonly #native: NativeRecvmmsg;
  readonly #headers: Buffer;
  readonly #words: DataView;
  readonly #names: Buffer = Buffer.alloc(SLOTS * NAME_BYTES);
  /** Who sent what was read. */
  readonly senders: SenderNames = new SenderNames(this.#names);
  #data: Buffer = Buffer.alloc(0);
  #count = 0;
  #kept = 0;

  constructor(native: NativeRecvmmsg) {
    this.#native = native;
    const headersBytes = SLOTS * MMSGHDR_BYTES;
    const memory = Buffer.allocUnsafeSlow(headersBytes + SLOTS * IOVEC_BYTES).fill(0);
    this.#headers = memory.subarray(0, headersBytes);
    this.#words = new DataView(memory.buffer);
    const iovecs = native.addressOf(memory) + BigInt(headersBytes);
    const names = native.addressOf(this.#names);
    for (let i = 0; i < SLOTS; i++) {
      const header = i * MMSGHDR_BYTES;
      this.#words.setBigUint64(header + NAME_AT, names + BigInt(i * NAME_BYTES), true);
      this.#words.setUint32(header + NAME_LENGTH_AT, NAME_BYTES, true);
      this.#words.setBigUint64(header + IOV_AT, iovecs + BigInt(i * IOVEC_BYTES), true);
      this.#words.setBigUint64(header + IOV_COUNT_AT, 1n, true);
    }
    this.#renew();
  }

  /** Reads what there is, up to 32, and says how many. */
  read(fd: number): number {
    if (this.#kept !== keptDatagrams.count) this.#renew();
    for (let i = 0; i < this.#count; i++)
      this.#words.setUint32(i * MMSGHDR_BYTES + NAME_LENGTH_AT, NAME_BYTES, true);
    const count = this.#native.receive(fd, this.#headers, SLOTS);
    this.failed = count < 0 && this.#native.errno[0] !== EAGAIN;
    this.#count = Math.max(count, 0);
    return this.#count;
  }

  /** A view. */
  datagram(index: number): Buffer {
    const bytes = this.#words.getUint32(index * MMSGHDR_BYTES + RECEIVED_AT, true);
    const from = index * SLOT_BYTES;
    return this.#data.subarray(from, from + bytes);
  }

  /** Other memory: who sends keeps something of the old one. Its pages are only there once they are written. */
  #renew(): void {
    this.#kept = keptDatagrams.count;
    this.#data = Buffer.allocUnsafeSlow(SLOTS * SLOT_BYTES);
    const start = this.#native.addressOf(this.#data);
    for (let i = 0; i < SLOTS; i++) {
      const iovec = SLOTS * MMSGHDR_BYTES + i * IOVEC_BYTES;
      this.#words.setBigUint64(iovec, start + BigInt(i * SLOT_BYTES), true);
      this.#words.setBigUint64(iovec + 8, BigInt(SLOT_BYTES), true);
    }
  }
}

let batch: DatagramBatch | null | undefined;

/** That of this thread, made with the first call; null where the system has no such call. */
export function datagramBatch(): DatagramBatch | null {
  if (batch === undefined) {
    const native = loadRecvmmsg();
    batch = native === null ? null : new DatagramBatch(native);
  }
  return batch;
}
