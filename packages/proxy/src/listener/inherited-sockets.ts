import { SocketAddress, isIPv6 } from "node:net";
import { newPipeServer, newTcpServer, type NativeHandle } from "../transport/native.ts";
import type { ListenAddress } from "./model.ts";

/** A listening socket that came from elsewhere: from the process before this one, or from the service manager. */
export interface InheritedSocket {
  /** `socketKey` of its address. */
  readonly key: string;
  /** Of this process; whoever gets the message owns it. */
  readonly fd: number;
}

/** What makes two listening addresses the same socket. */
export function socketKey({ ip, port, path, ipv4Compat }: ListenAddress): string {
  if (path !== "") return path;
  if (!isIPv6(ip)) return `${ip}:${port}`;
  const { address } = new SocketAddress({ address: ip, family: "ipv6" });
  return `[${address}]:${port}${ipv4Compat ? " with IPv4" : ""}`;
}

/** Sockets of one worker that wait for their listener. As handles: they close with the worker's thread. */
export class InheritedSockets {
  readonly #handles = new Map<string, NativeHandle[]>();

  adopt(sockets: readonly InheritedSocket[]): void {
    for (const { key, fd } of sockets) {
      const handle = isPath(key) ? newPipeServer() : newTcpServer();
      if (handle.open(fd) !== 0) {
        handle.close();
        continue;
      }
      const handles = this.#handles.get(key);
      if (handles === undefined) this.#handles.set(key, [handle]);
      else handles.push(handle);
    }
  }

  /** All of an address; none a second time. */
  take(address: ListenAddress): readonly NativeHandle[] {
    const key = socketKey(address);
    const handles = this.#handles.get(key) ?? [];
    this.#handles.delete(key);
    return handles;
  }

  /** Closes what no listener took. */
  release(): void {
    for (const handles of this.#handles.values()) for (const handle of handles) handle.close();
    this.#handles.clear();
  }
}

function isPath(key: string): boolean {
  return key.startsWith("/") || key.startsWith("@");
}
