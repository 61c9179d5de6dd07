import type { Address } from "../../observe/stream-info.ts";
import { ipAddress } from "../../transport/address.ts";
import { DatagramSender } from "../../transport/datagram-sender.ts";
import { errnoText } from "../../transport/errno.ts";
import type { IoLoop } from "../../transport/io-loop.ts";
import {
  newUdpSocket,
  UDP_IPV6ONLY,
  UDP_REUSEPORT,
  type NativePeer,
  type NativeUdp,
} from "../../transport/native-udp.ts";
import type { SocketName } from "../../transport/native.ts";
import type { UdpListenerSocket } from "../../udp/filter.ts";
import type { ListenAddress } from "../model.ts";

const EBADF = -9;

/** Who gets what comes, in a turn of the loop. */
export interface UdpServerOwner {
  /** `data` is the owner's to keep. */
  onDatagram(data: Buffer, ip: string, port: number, socket: UdpServerSocket): void;
  onReceiveError(socket: UdpServerSocket): void;
}

/** A socket that takes datagrams from everybody. What has come in a turn of the loop, up to 32, is handed over in it. */
export class UdpServerSocket implements UdpListenerSocket {
  readonly localAddress: Address;
  readonly #loop: IoLoop;
  readonly #sender: DatagramSender;
  #handle: NativeUdp | null;
  #owner: UdpServerOwner | null = null;

  constructor(handle: NativeUdp, localAddress: Address, loop: IoLoop) {
    handle.socket = this;
    this.localAddress = localAddress;
    this.#handle = handle;
    this.#loop = loop;
    this.#sender = new DatagramSender(handle);
  }

  /** From now on `owner` gets what comes. Before the turn ends in which the socket was opened. */
  handTo(owner: UdpServerOwner): void {
    this.#owner = owner;
  }

  send(data: Buffer, ip: string, port: number): number {
    return this.#handle === null ? EBADF : this.#sender.sendTo(data, ip, port);
  }

  /** Leaves what comes to the kernel, as long as it has room, or reads on. */
  readDisable(disable: boolean): void {
    if (disable) this.#handle?.recvStop();
    else this.#handle?.recvStart();
  }

  close(): void {
    this.#handle?.close();
    this.#handle = null;
  }

  /** Only the native handle calls this. */
  onNativeMessage(count: number, data: Buffer | undefined, peer: NativePeer | undefined): void {
    if (this.#handle === null) return;
    const loop = this.#loop;
    loop.enter();
    try {
      if (count < 0) this.#owner!.onReceiveError(this);
      else if (data !== undefined && peer !== undefined)
        this.#owner!.onDatagram(data, peer.address, peer.port, this);
    } catch (error) {
      loop.onException(error);
    }
    loop.leave();
  }
}

/** Opens one, and starts to read. `reusePort`: others have it, too. */
export function openUdpServer(
  address: ListenAddress,
  reusePort: boolean,
  loop: IoLoop,
): UdpServerSocket | { readonly error: string } {
  const bound = bindUdp(address, reusePort);
  if ("error" in bound) return bound;
  const { handle, port } = bound;
  const socket = new UdpServerSocket(handle, ipAddress(address.ip, port), loop);
  const status = handle.recvStart();
  if (status === 0) return socket;
  socket.close();
  return { error: errnoText(status) };
}

/** A socket that reads nothing yet, with its port, or why there is none. */
export function bindUdp(
  address: ListenAddress,
  reusePort: boolean,
): { readonly handle: NativeUdp; readonly port: number } | { readonly error: string } {
  const handle = newUdpSocket(null, onMessage);
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
