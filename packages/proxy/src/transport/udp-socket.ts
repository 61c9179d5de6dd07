import type { Address } from "../observe/stream-info.ts";
import { ipAddress } from "./address.ts";
import { newSendRequest, newUdpSocket, type NativeUdp } from "./native-udp.ts";
import type { SocketName } from "./native.ts";
import type { TransportContext } from "./transport-context.ts";

/** Datagrams that wait for the kernel beyond this are dropped, as the network would. */
const WAITING_MAX_BYTES = 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/** A UDP socket that sends to one peer and hears of nobody else. Errors are no news: a datagram may be lost anyway. */
export class UdpSocket {
  readonly #context: TransportContext;
  readonly #onDatagram: (data: Buffer) => void;
  #handle: NativeUdp | null;
  #readDisabled = 0;

  /** `onDatagram` is called in a turn of the loop. */
  constructor(context: TransportContext, onDatagram: (data: Buffer) => void) {
    this.#context = context;
    this.#onDatagram = onDatagram;
    this.#handle = newUdpSocket(this, onMessage);
  }

  /** From `sourceIp`, or any address if that is empty. Returns 0, or a negative errno: then it is closed. */
  connect(peer: Address, sourceIp: string): number {
    const handle = this.#handle!;
    const v6 = peer.ip.includes(":");
    let status = 0;
    if (sourceIp !== "") status = v6 ? handle.bind6(sourceIp, 0, 0) : handle.bind(sourceIp, 0, 0);
    if (status === 0)
      status = v6 ? handle.connect6(peer.ip, peer.port) : handle.connect(peer.ip, peer.port);
    if (status === 0) status = handle.recvStart();
    if (status !== 0) this.close();
    return status;
  }

  /** Once connected; null when closed. */
  get localAddress(): Address | null {
    const out: SocketName = {};
    if (this.#handle === null || this.#handle.getsockname(out) !== 0) return null;
    return ipAddress(out.address!, out.port!);
  }

  /** Sends borrowed bytes as one datagram, unless it is too large or too many wait. */
  send(data: Buffer): void {
    const handle = this.#handle;
    if (handle === null || handle.getSendQueueSize() > WAITING_MAX_BYTES) return;
    const request = newSendRequest([data.length === 0 ? EMPTY : Buffer.from(data)]);
    handle.send(request, request.chunks, 1, false);
  }

  /** Stops or resumes reading; calls nest. What comes meanwhile the kernel keeps as long as it has room. */
  readDisable(disable: boolean): void {
    this.#readDisabled += disable ? 1 : -1;
    if (disable && this.#readDisabled === 1) this.#handle?.recvStop();
    else if (!disable && this.#readDisabled === 0) this.#handle?.recvStart();
  }

  close(): void {
    this.#handle?.close();
    this.#handle = null;
  }

  /** Only the native handle calls this. */
  onNativeMessage(count: number, data: Buffer | undefined): void {
    if (count < 0 || data === undefined || this.#handle === null) return;
    const { loop } = this.#context;
    loop.enter();
    try {
      this.#onDatagram(data);
    } catch (error) {
      loop.onException(error);
      this.close();
    }
    loop.leave();
  }
}

function onMessage(this: NativeUdp, count: number, ...[, data]: [NativeUdp, Buffer?]): void {
  (this.socket as UdpSocket).onNativeMessage(count, data);
}
