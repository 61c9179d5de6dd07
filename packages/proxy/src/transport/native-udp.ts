import type { SocketName } from "./native.ts";

/** The door to Node's UDP handles, below `dgram`, for the same reasons as native.ts. */
export interface NativeUdp {
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
  getSendQueueSize(): number;
  getsockname(out: SocketName): number;
  close(): void;
}

/** `count` is a negative errno for an error that the kernel was told of; `data` is the receiver's to keep. */
export type OnMessage = (
  this: NativeUdp,
  count: number,
  ...rest: [handle: NativeUdp, data?: Buffer]
) => void;

/** For one datagram; the handle keeps it until the kernel has taken the datagram. */
export interface SendRequest {
  /** What is sent: nobody else may hold it that long. */
  readonly chunks: readonly Uint8Array[];
}

interface UdpBinding {
  UDP: new () => NativeUdp;
  SendWrap: new () => object;
}

const node = process as unknown as { binding(name: string): unknown };
const udp = node.binding("udp_wrap") as UdpBinding;

/** Not bound to anything yet. */
export function newUdpSocket(socket: unknown, onMessage: OnMessage): NativeUdp {
  return Object.assign(new udp.UDP(), { socket, onmessage: onMessage });
}

/** For one datagram. */
export function newSendRequest(chunks: readonly Uint8Array[]): SendRequest {
  return Object.assign(new udp.SendWrap(), { chunks });
}
