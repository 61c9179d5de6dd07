import type { Address } from "../observe/stream-info.ts";
import { ipAddress } from "./address.ts";
import { datagramBatch } from "./datagram-batch.ts";
import { DatagramSender } from "./datagram-sender.ts";
import { newUdpSocket, type NativeUdp } from "./native-udp.ts";
import type { SocketName } from "./native.ts";
import { ReadWatch, type ReadWatchOwner } from "./read-watch.ts";
import type { TransportContext } from "./transport-context.ts";

const EBADF = -9;

/** Who uses a `UdpSocket`; told in a turn of the loop. */
export interface UdpSocketOwner {
  /** `data` is borrowed. */
  onDatagram(data: Buffer): void;
  /** The kernel was told that the peer did not take something, or the like. The socket goes on. */
  onReceiveError(): void;
}

/**
 * A UDP socket that sends to one peer and hears of nobody else. What has come is read by one system call, where there is one; else
 * by Node's handle, one by one.
 */
export class UdpSocket implements ReadWatchOwner {
  readonly #context: TransportContext;
  readonly #owner: UdpSocketOwner;
  readonly #sender: DatagramSender;
  #handle: NativeUdp | null;
  #watch: ReadWatch | null = null;
  /** Once connected. */
  #fd = -1;
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
    if (status === 0) {
      this.#fd = handle.fd;
      if (datagramBatch() !== null) this.#watch = ReadWatch.of(this.#fd, this);
      status = this.#startReading(handle);
    }
    if (status !== 0) this.close();
    return status;
  }

  /** Once connected; null when closed. */
  get localAddress(): Address | null {
    const out: SocketName = {};
    if (this.#handle === null || this.#handle.getsockname(out) !== 0) return null;
    return ipAddress(out.address!, out.port!);
  }

  /** Sends one datagram, which is borrowed as `DatagramSender` says. Returns 0, or a negative errno: then it is lost. */
  send(data: Buffer): number {
    return this.#handle === null ? EBADF : this.#sender.send(data);
  }

  /** Stops or resumes reading; calls nest. What comes meanwhile the kernel keeps as long as it has room. */
  readDisable(disable: boolean): void {
    this.#readDisabled += disable ? 1 : -1;
    if (this.#handle === null) return;
    if (!disable && this.#readDisabled === 0) this.#startReading(this.#handle);
    else if (disable && this.#readDisabled === 1) {
      if (this.#watch === null) this.#handle.recvStop();
      else this.#watch.stop();
    }
  }

  close(): void {
    this.#watch?.close();
    this.#watch = null;
    this.#handle?.close();
    this.#handle = null;
  }

  /** Only the watch calls this. */
  onReadable(): void {
    const { loop } = this.#context;
    const batch = datagramBatch()!;
    loop.enter();
    try {
      const count = batch.read(this.#fd);
      if (batch.failed) this.#owner.onReceiveError();
      // Who gets one may close the socket.
      for (let i = 0; i < count && this.#handle !== null; i++)
        this.#owner.onDatagram(batch.datagram(i));
    } catch (error) {
      loop.onException(error);
      this.close();
    }
    loop.leave();
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

  #startReading(handle: NativeUdp): number {
    return this.#watch === null ? handle.recvStart() : this.#watch.start();
  }
}

function onMessage(this: NativeUdp, count: number, ...[, data]: [NativeUdp, Buffer?]): void {
  (this.socket as UdpSocket).onNativeMessage(count, data);
}
