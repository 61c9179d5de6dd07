import { newSendRequest, type NativeUdp, type SendRequest } from "./native-udp.ts";

/** Datagrams that wait for the kernel beyond this are dropped, as the network would. */
const WAITING_MAX_BYTES = 1024 * 1024;
const ENOBUFS = -105;
const NOTHING = Buffer.alloc(0);

/** How many datagrams of this thread the kernel did not take at once: their memory stays in use. */
export const keptDatagrams = { count: 0 };

// The kernel nearly always takes a datagram at once: then the next one goes with the same objects.
let request: SendRequest = newSendRequest();
let chunks: Buffer[] = [];

/** What datagrams of one socket go out by. */
export class DatagramSender {
  readonly #handle: NativeUdp;
  /** Some may be waiting. */
  #waits = false;

  constructor(handle: NativeUdp) {
    this.#handle = handle;
  }

  /**
   * To the connected peer. `data` is borrowed, unless `keptDatagrams` says that it was kept. Returns 0, or a negative errno: then it
   * is lost.
   */
  send(data: Buffer): number {
    if (this.#isFull) return ENOBUFS;
    chunks[0] = this.#toSend(data);
    return this.#sent(this.#handle.send(request, chunks, 1, false));
  }

  /** To anybody, over a socket that is not connected; see `send`. */
  sendTo(data: Buffer, ip: string, port: number): number {
    if (this.#isFull) return ENOBUFS;
    chunks[0] = this.#toSend(data);
    const handle = this.#handle;
    return this.#sent(
      ip.includes(":")
        ? handle.send6(request, chunks, 1, port, ip, false)
        : handle.send(request, chunks, 1, port, ip, false),
    );
  }

  /** Behind others it has to wait, too; only the first one that waits takes the memory that it came in. */
  #toSend(data: Buffer): Buffer {
    return this.#waits ? Buffer.from(data) : data;
  }

  get #isFull(): boolean {
    if (!this.#waits) return false;
    const bytes = this.#handle.getSendQueueSize();
    this.#waits = bytes > 0;
    return bytes > WAITING_MAX_BYTES;
  }

  #sent(status: number): number {
    if (status === 0) {
      if (!this.#waits) keptDatagrams.count++;
      this.#waits = true;
      request.chunks = chunks;
      request = newSendRequest();
      chunks = [];
    } else chunks[0] = NOTHING;
    return Math.min(status, 0);
  }
}
