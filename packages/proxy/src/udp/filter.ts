import type { Address } from "../observe/stream-info.ts";

/** What becomes of a datagram after a filter of a UDP listener (Envoy's `Network::FilterStatus`). */
export const UdpFilterStatus = {
  /** On to the next filter. Behind the last one the datagram is dropped. */
  Continue: 0,
  /** It has been dealt with. */
  StopIteration: 1,
} as const;
export type UdpFilterStatus = (typeof UdpFilterStatus)[keyof typeof UdpFilterStatus];

/** A socket of a UDP listener, as its filters see it. */
export interface UdpListenerSocket {
  /** Where datagrams came to; of a listener for all addresses the one that was meant, as far as it is known. */
  readonly localAddress: Address;
  /** Sends one datagram, which is borrowed. Returns 0, or a negative errno: then it is lost. */
  send(data: Buffer, ip: string, port: number): number;
}

/**
 * One filter of a UDP listener (Envoy's `UdpListenerReadFilter`), one object for each of its addresses and worker. A
 * method that throws loses its datagram, nothing else.
 */
export interface UdpListenerFilter {
  /** `data` is borrowed. `ip` and `port` are the sender's, as `socket.send` takes them. */
  onDatagram(data: Buffer, ip: string, port: number, socket: UdpListenerSocket): UdpFilterStatus;
  /** The kernel said that something went wrong. */
  onReceiveError(): UdpFilterStatus;
  /** The listener, or this version of it, reads no more. Nothing can be sent from here on. */
  close(): void;
}
