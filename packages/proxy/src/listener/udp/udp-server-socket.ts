import type { Address } from "../../observe/stream-info.ts";
import { ipAddress } from "../../transport/address.ts";
import { datagramBatch, type DatagramBatch } from "../../transport/datagram-batch.ts";
import { DatagramSender } from "../../transport/datagram-sender.ts";
import { errnoText } from "../../transport/errno.ts";
import type { IoLoop } from "../../transport/io-loop.ts";
import { libc } from "../../transport/native-libc.ts";
import {
  newUdpSocket,
  UDP_IPV6ONLY,
  UDP_REUSEPORT,
  type NativePeer,
  type NativeUdp,
} from "../../transport/native-udp.ts";
import type { SocketName } from "../../transport/native.ts";
import { ReadWatch, type ReadWatchOwner } from "../../transport/read-watch.ts";
import type { UdpListenerSocket } from "../../udp/filter.ts";
import type { InheritedSockets } from "../inherited-sockets.ts";
import type { ListenAddress } from "../model.ts";

const EBADF = -9;
/** To ask the kernel what it dropped is a system call. */
const DROPS_INTERVAL_MS = 1000;

/** Who gets what comes, in a turn of the loop. */
export interface UdpServerOwner {
  /** `data` is borrowed. */
  onDatagram(data: Buffer, ip: string, port: number, socket: UdpServerSocket): void;
  onReceiveError(socket: UdpServerSocket): void;
  /** So many datagrams were lost, because nobody read them in time. */
  onDropped(count: number): void;
}

/**
 * A socket that takes datagrams from everybody. What has come in a turn of the loop, up to 32, is handed over in it: it is read by
 * one system call, where there is one; else by Node's handle, one by one.
 */
export class UdpServerSocket implements UdpListenerSocket, ReadWatchOwner {
  readonly localAddress: Address;
  readonly #loop: IoLoop;
  readonly #sender: DatagramSender;
  readonly #fd: number;
  #handle: NativeUdp | null;
  #watch: ReadWatch | null = null;
  #owner: UdpServerOwner | null = null;
  /** What the kernel had dropped when it was asked last, and when it is asked again. */
  #dropped: number;
  #askDropsMs: number;
  #started = false;
  #readDisabled = false;

  constructor(handle: NativeUdp, localAddress: Address, loop: IoLoop) {
    handle.socket = this;
    this.localAddress = localAddress;
    this.#handle = handle;
    this.#fd = handle.fd;
    this.#loop = loop;
    this.#sender = new DatagramSender(handle);
    this.#dropped = libc()?.droppedDatagrams(handle.fd) ?? 0;
    this.#askDropsMs = loop.now + DROPS_INTERVAL_MS;
  }

  /** Closed: -1. */
  get fd(): number {
    return this.#handle === null ? -1 : this.#fd;
  }

  /** From now on `owner` gets what comes. */
  handTo(owner: UdpServerOwner): void {
    this.#owner = owner;
  }

  /** Starts to read. Before the turn ends it must have an owner. Returns 0, or a negative errno. */
  start(): number {
    this.#started = true;
    if (this.#handle === null) return 0;
    if (datagramBatch() !== null) this.#watch ??= ReadWatch.of(this.#handle.fd, this);
    return this.#readDisabled ? 0 : this.#startReading(this.#handle);
  }

  send(data: Buffer, ip: string, port: number): number {
    return this.#handle === null ? EBADF : this.#sender.sendTo(data, ip, port);
  }

  /** Leaves what comes to the kernel, as long as it has room, or reads on. */
  readDisable(disable: boolean): void {
    if (disable === this.#readDisabled) return;
    this.#readDisabled = disable;
    if (this.#handle === null) return;
    if (!disable) {
      if (this.#started) this.#startReading(this.#handle);
    } else if (this.#watch === null) this.#handle.recvStop();
    else this.#watch.stop();
  }

  close(): void {
    if (this.#handle === null) return;
    this.#countDrops();
    this.#watch?.close();
    this.#watch = null;
    this.#handle.close();
    this.#handle = null;
  }

  /** Only the watch calls this. */
  onReadable(): void {
    const loop = this.#loop;
    const batch = datagramBatch()!;
    loop.enter();
    const count = batch.read(this.#fd);
    for (let i = 0; i < count; i++) this.#handOver(batch, i);
    try {
      if (loop.now >= this.#askDropsMs) this.#countDrops();
      if (batch.failed) this.#owner?.onReceiveError(this);
    } catch (error) {
      loop.onException(error);
    }
    loop.leave();
  }

  /** Who throws loses that datagram, and not the others. */
  #handOver(batch: DatagramBatch, index: number): void {
    try {
      // Who got the one before may have closed the socket.
      if (this.#handle === null) return;
      const { senders } = batch;
      this.#owner!.onDatagram(
        batch.datagram(index),
        senders.ipOf(index),
        senders.portOf(index),
        this,
      );
    } catch (error) {
      this.#loop.onException(error);
    }
  }

  #startReading(handle: NativeUdp): number {
    return this.#watch === null ? handle.recvStart() : this.#watch.start();
  }

  /** Only the native handle calls this. */
  onNativeMessage(count: number, data: Buffer | undefined, peer: NativePeer | undefined): void {
    if (this.#handle === null) return;
    const loop = this.#loop;
    loop.enter();
    try {
      if (loop.now >= this.#askDropsMs) this.#countDrops();
      if (count < 0) this.#owner!.onReceiveError(this);
      else if (data !== undefined && peer !== undefined)
        this.#owner!.onDatagram(data, peer.address, peer.port, this);
    } catch (error) {
      loop.onException(error);
    }
    loop.leave();
  }

  /** The kernel counts in 32 bits. */
  #countDrops(): void {
    this.#askDropsMs = this.#loop.now + DROPS_INTERVAL_MS;
    if (this.#handle === null) return;
    const dropped = libc()?.droppedDatagrams(this.#handle.fd) ?? 0;
    const count = (dropped - this.#dropped) >>> 0;
    this.#dropped = dropped;
    if (count > 0) this.#owner?.onDropped(count);
  }
}

/** How sockets of an address come to be. */
export interface UdpOpening {
  readonly loop: IoLoop;
  /** Others have sockets of the address, too. */
  readonly reusePort: boolean;
  /** Sockets that are taken instead of binding one; null for none. */
  readonly inherited: InheritedSockets | null;
}

/**
 * Opens one, or takes all that were inherited for the address, and reads; where another process reads still, later. None where
 * the address cannot be had.
 */
export function openUdpServers(
  address: ListenAddress,
  { loop, reusePort, inherited }: UdpOpening,
): readonly UdpServerSocket[] | { readonly error: string } {
  const local = (port: number): Address => ipAddress(address.ip, port);
  const taken = inherited?.takeUdp(address) ?? [];
  let sockets = taken.map((handle) => new UdpServerSocket(handle, local(address.port), loop));
  if (sockets.length === 0) {
    const bound = bindUdp(address, reusePort);
    if ("error" in bound) return bound;
    sockets = [new UdpServerSocket(bound.handle, local(bound.port), loop)];
  }
  if (inherited?.holds(address) === true) {
    inherited.whenReleased(() => sockets.forEach((socket) => socket.start()));
    return sockets;
  }
  const failure = sockets.map((socket) => socket.start()).find((status) => status !== 0);
  if (failure === undefined) return sockets;
  for (const socket of sockets) socket.close();
  return { error: errnoText(failure) };
}

/** A handle of nothing yet, for a server. */
export function newUdpServer(): NativeUdp {
  return newUdpSocket(null, onMessage);
}

/** A socket that reads nothing yet, with its port, or why there is none. */
export function bindUdp(
  address: ListenAddress,
  reusePort: boolean,
): { readonly handle: NativeUdp; readonly port: number } | { readonly error: string } {
  const handle = newUdpServer();
  const { ip, port, ipv4Compat } = address;
  const flags = reusePort ? UDP_REUSEPORT : 0;
  const name: SocketName = {};
  const status =
    (ip.includes(":")
      ? handle.bind6(ip, port, flags | (ipv4Compat ? 0 : UDP_IPV6ONLY))
      : handle.bind(ip, port, flags)) || handle.getsockname(name);
  if (status === 0) return { handle, port: name.port ?? port };
  handle.close();
  return { error: errnoText(status) };
}

function onMessage(
  this: NativeUdp,
  count: number,
  ...[, data, peer]: [NativeUdp, Buffer?, NativePeer?]
): void {
  (this.socket as UdpServerSocket | null)?.onNativeMessage(count, data, peer);
}
