import type { IoLoop } from "../../transport/io-loop.ts";
import type { ListenAddress } from "../model.ts";
import { localAddressesOf } from "./local-addresses.ts";
import { openUdpServer, type UdpServerOwner, type UdpServerSocket } from "./udp-server-socket.ts";

/** The sockets of one address of a UDP listener on a worker. */
export class UdpAddress {
  readonly address: ListenAddress;
  /** Its own, and those of the addresses that it stands for, by IP. */
  readonly #sockets = new Map<string, UdpServerSocket>();
  readonly #reusePort: boolean;

  private constructor(address: ListenAddress, main: UdpServerSocket, reusePort: boolean) {
    this.address = address;
    this.#sockets.set(address.ip, main);
    this.#reusePort = reusePort;
  }

  /** Opens it, or says why not. */
  static open(
    address: ListenAddress,
    reusePort: boolean,
    loop: IoLoop,
  ): UdpAddress | { readonly error: string } {
    const main = openUdpServer(address, reusePort, loop);
    return "error" in main ? main : new UdpAddress(address, main, reusePort);
  }

  /**
   * From now on `owner` gets what comes, also to addresses that this host has got meanwhile. Before the turn ends in which it
   * was opened.
   */
  handTo(owner: UdpServerOwner, loop: IoLoop): void {
    // Without the option there is no room beside the socket for all of them.
    if (this.#reusePort) this.#openLocal(loop);
    for (const socket of this.#sockets.values()) socket.handTo(owner);
  }

  #openLocal(loop: IoLoop): void {
    for (const local of localAddressesOf(this.address)) {
      if (this.#sockets.has(local.ip)) continue;
      const socket = openUdpServer(local, true, loop);
      // What cannot be bound (yet) comes to the socket for all of them.
      if (!("error" in socket)) this.#sockets.set(local.ip, socket);
    }
  }

  readDisable(disable: boolean): void {
    for (const socket of this.#sockets.values()) socket.readDisable(disable);
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
  }
}
