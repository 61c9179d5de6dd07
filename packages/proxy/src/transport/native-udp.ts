import type { NativeSocket, SocketName } from "./native.ts";

/** The door to Node's UDP handles, below `dgram`, for the same reasons as native.ts. */
export interface NativeUdp extends NativeSocket {
  /** The socket this handle belongs to; read in the callback. */
  socket: unknown;
  bind(address: string, port: number, flags: number): number;
  bind6(address: string, port: number, flags: number): number;
  connect(address: string, port: number): number;
  connect6(address: string, port: number): number;
  recvStart(): number;
  recvStop(): number;
  /** To the connected peer: 0 goes on behind our back, above is done, below is an errno. */
  send(
    request: SendRequest,
    chunks: readonly Uint8Array[],
    count: number,
    hasCallback: boolean,
  ): number;
  /** The same to somebody else, of a socket that is not connected. */
  send(
    request: SendRequest,
    chunks: readonly Uint8Array[],
    count: number,
    port: number,
    address: string,
    hasCallback: boolean,
  ): number;
  /** The same, where the socket is one of IPv6. */
  send6: NativeUdp["send"];
  getSendQueueSize(): number;
  getsockname(out: SocketName): number;
  open(fd: number): number;
}

/** Who sent a datagram. IPv4 of a socket that takes both is `::ffff:10.0.0.1`. */
export interface NativePeer {
  readonly address: string;
  readonly port: number;
}

/** `count` is a negative errno for an error that the kernel was told of; `data` is the receiver's to keep. */
export type OnMessage = (
  this: NativeUdp,
  count: number,
  ...rest: [handle: NativeUdp, data?: Buffer, peer?: NativePeer]
) => void;

/** For one datagram; the handle keeps it until the kernel has taken the datagram. */
export interface SendRequest {
  /** What is sent, where the kernel did not take it at once: nobody else may hold it that long. */
  chunks: readonly Uint8Array[] | null;
}

interface UdpBinding {
  UDP: new () => NativeUdp;
  SendWrap: new () => object;
  constants: { UV_UDP_IPV6ONLY: number; UV_UDP_REUSEPORT: number };
}

const node = process as unknown as { binding(name: string): unknown };
const udp = node.binding("udp_wrap") as UdpBinding;

/** Flags of `bind6`, and of both. */
export const { UV_UDP_IPV6ONLY: UDP_IPV6ONLY, UV_UDP_REUSEPORT: UDP_REUSEPORT } = udp.constants;

/** Not bound to anything yet. */
export function newUdpSocket(socket: unknown, onMessage: OnMessage): NativeUdp {
  return Object.assign(new udp.UDP(), { socket, onmessage: onMessage });
}

/** For one datagram, or one after the other as long as the kernel takes them at once. */
export function newSendRequest(): SendRequest {
  return Object.assign(new udp.SendWrap(), { chunks: null });
}
