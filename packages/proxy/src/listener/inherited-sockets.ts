import { SocketAddress, isIPv6 } from "node:net";
import type { NativeUdp } from "../transport/native-udp.ts";
import { newPipeServer, newTcpServer, type NativeHandle } from "../transport/native.ts";
import type { ListenAddress } from "./model.ts";
import { newUdpServer } from "./udp/udp-server-socket.ts";

/** A listening socket that came from elsewhere: from the process before this one, or from the service manager. */
export interface InheritedSocket {
  /** `socketKey` of its address. */
  readonly key: string;
  /** Of this process; whoever gets the message owns it. */
  readonly fd: number;
}

const UDP = "udp ";

/** Whether it is one of UDP that the key is of. */
export function isUdpKey(key: string): boolean {
  return key.startsWith(UDP);
}

/** What makes two listening addresses the same socket. */
export function socketKey({ protocol, ip, port, path, ipv4Compat }: ListenAddress): string {
  if (path !== "") return path;
  const kind = protocol === "udp" ? UDP : "";
  if (!isIPv6(ip)) return `${kind}${ip}:${port}`;
  const { address } = new SocketAddress({ address: ip, family: "ipv6" });
  return `${kind}[${address}]:${port}${ipv4Compat ? " with IPv4" : ""}`;
}

/**
 * Sockets of one worker that wait for their listener, and then until everything else of this process is up: as long as another
 * one accepts on them, nobody should meet a process that may still fail. As handles: they close with the worker's thread.
 */
export class InheritedSockets {
  readonly #handles = new Map<string, NativeHandle[]>();
  readonly #udp = new Map<string, NativeUdp[]>();
  /** Addresses on which another process accepts, whether this worker has a socket of it or not. */
  readonly #held = new Set<string>();
  #released = false;
  #waiting: (() => void)[] = [];

  /** `keys`: the addresses of all sockets that there are, also of those that other workers got. */
  adopt(sockets: readonly InheritedSocket[], keys: readonly string[]): void {
    for (const key of keys) this.#held.add(key);
    for (const { key, fd } of sockets) {
      if (isUdpKey(key)) keep(this.#udp, key, newUdpServer(), fd);
      else keep(this.#handles, key, isPath(key) ? newPipeServer() : newTcpServer(), fd);
    }
  }

  /** All of an address; none a second time. */
  take(address: ListenAddress): readonly NativeHandle[] {
    const key = socketKey(address);
    const handles = this.#handles.get(key) ?? [];
    this.#handles.delete(key);
    return handles;
  }

  /** The same of an address of UDP: sockets that nobody reads yet. */
  takeUdp(address: ListenAddress): readonly NativeUdp[] {
    const key = socketKey(address);
    const handles = this.#udp.get(key) ?? [];
    this.#udp.delete(key);
    return handles;
  }

  /** Whether a listener of this address must wait. */
  holds(address: ListenAddress): boolean {
    return !this.#released && this.#held.has(socketKey(address));
  }

  /** Calls back when it may accept. */
  whenReleased(accept: () => void): void {
    this.#waiting.push(accept);
  }

  /** Listeners may accept, and what none of them took is closed. */
  release(): void {
    this.#released = true;
    for (const accept of this.#waiting.splice(0)) accept();
    for (const left of [this.#handles, this.#udp]) {
      for (const handles of left.values()) for (const handle of handles) handle.close();
      left.clear();
    }
  }
}

function keep<Handle extends NativeHandle | NativeUdp>(
  kept: Map<string, Handle[]>,
  key: string,
  handle: Handle,
  fd: number,
): void {
  if (handle.open(fd) !== 0) {
    handle.close();
    return;
  }
  const handles = kept.get(key);
  if (handles === undefined) kept.set(key, [handle]);
  else handles.push(handle);
}

function isPath(key: string): boolean {
  return key.startsWith("/") || key.startsWith("@");
}
