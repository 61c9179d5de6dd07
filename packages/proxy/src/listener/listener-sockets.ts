import type { NetworkServices } from "../network/services.ts";
import type { NativeHandle } from "../transport/native.ts";
import { socketKey, type InheritedSocket, type InheritedSockets } from "./inherited-sockets.ts";
import type { ListenAddress, ListenerSettings } from "./model.ts";
import { isSameAddress } from "./same-address.ts";
import { ServerSocket } from "./server-socket.ts";

/** The sockets of a listener on a worker. A version with the same address goes on with the same socket, and what waits in it. */
export class ListenerSockets {
  readonly #services: NetworkServices;
  readonly #onAccept: (handle: NativeHandle, address: ListenAddress) => void;
  #sockets: ServerSocket[] = [];
  /** The addresses, also of a worker that does not accept. */
  #addresses: readonly ListenAddress[] = [];
  #closed = false;

  constructor(
    services: NetworkServices,
    onAccept: (handle: NativeHandle, address: ListenAddress) => void,
  ) {
    this.#services = services;
    this.#onAccept = onAccept;
  }

  /** Whether none of them is missing in `addresses`. */
  areAllOf(addresses: readonly ListenAddress[]): boolean {
    return this.#addresses.every((own) => addresses.some((address) => isSameAddress(own, address)));
  }

  /**
   * Opens what is not open. Old sockets, own ones or those of `before`, accept for this listener from now on, or are closed
   * when they are none of its addresses any more.
   * New ones are those that were `inherited` for their address, if any.
   * @returns what went wrong, in one line; all is as it was then
   */
  open(
    settings: ListenerSettings,
    before: ListenerSockets | null,
    inherited: InheritedSockets | null,
  ): string | null {
    const { worker, transport } = this.#services;
    const { addresses, reusePort, tcpBacklogSize } = settings;
    // Who was told to stop goes on with it under another version.
    if (before !== null) this.#closed ||= before.#closed;
    if ((!reusePort && worker.workerId !== 0) || this.#closed) {
      this.#addresses = addresses;
      return null;
    }
    const left = [...(before ?? this).#sockets];
    const opened: ServerSocket[] = [];
    const sockets: ServerSocket[] = [];
    for (const address of addresses) {
      const at = left.findIndex((socket) => isSameAddress(socket.address, address));
      if (at >= 0) {
        sockets.push(...left.splice(at, 1));
        continue;
      }
      const socket = new ServerSocket(address);
      const error = socket.listen(
        transport.loop,
        tcpBacklogSize,
        reusePort,
        (handle) => this.#onAccept(handle, address),
        inherited,
      );
      if (error !== null) {
        for (const fresh of opened) fresh.close();
        return `cannot bind '${socket.text}': ${error}`;
      }
      opened.push(socket);
      sockets.push(socket);
    }
    sockets.forEach((socket, index) => {
      const address = addresses[index]!;
      const onAccept = (handle: NativeHandle): void => this.#onAccept(handle, address);
      socket.handTo(onAccept, tcpBacklogSize, address.mode);
    });
    for (const socket of left) socket.close();
    if (before !== null) before.#sockets = [];
    this.#sockets = sockets;
    this.#addresses = addresses;
    return null;
  }

  /** What it accepts on. The descriptors stay its own. */
  get listening(): readonly InheritedSocket[] {
    return this.#sockets.flatMap(({ address, fds }) => {
      const key = socketKey(address);
      return fds.map((fd) => ({ key, fd }));
    });
  }

  /** Stops accepting, and for good: no further version opens any. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
  }
}
