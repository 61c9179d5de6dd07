import type { Address } from "../observe/stream-info.ts";
import { ipAddress } from "./address.ts";
import { DatagramSender } from "./datagram-sender.ts";
import { newUdpSocket, type NativeUdp } from "./native-udp.ts";
import type { SocketName } from "./native.ts";
import type { TransportContext } from "./transport-context.ts";

const EBADF = -9;

/** Who uses a `UdpSocket`; told in a turn of the loop. */
export interface UdpSocketOwner {
  /** `data` is the owner's to keep. */
  onDatagram(data: Buffer): void;
  /** The kernel was told that the peer did not take something, or the like. The socket goes on. */
  onReceiveError(): void;
}

/** A UDP socket that sends to one peer and hears of nobody else. */
export class UdpSocket {
  readonly #context: TransportContext;
  readonly #owner: UdpSocketOwner;
  readonly #sender: DatagramSender;
  #handle: NativeUdp | null;
  #readDisabled = 0;

  constructor(context: TransportContext, owner: UdpSocketOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#handle = newUdpSocket(this, onMessage);
    this.#sender = new DatagramSender(this.#handle);
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

  /** Sends one datagram, which nobody may change from now on. Returns 0, or a negative errno: then it is lost. */
  send(data: Buffer): number {
    return this.#handle === null ? EBADF : this.#sender.send(data);
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
    if (this.#handle === null) return;
    const { loop } = this.#context;
    loop.enter();
    try {
      if (count < 0) this.#owner.onReceiveError();
      else if (data !== undefined) this.#owner.onDatagram(data);
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
