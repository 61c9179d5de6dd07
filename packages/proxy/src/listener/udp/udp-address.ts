import { socketKey, type InheritedSocket } from "../inherited-sockets.ts";
import type { ListenAddress } from "../model.ts";
import { localAddressesOf } from "./local-addresses.ts";
import {
  openUdpServers,
  type UdpOpening,
  type UdpServerOwner,
  type UdpServerSocket,
} from "./udp-server-socket.ts";

/** The sockets of one address of a UDP listener on a worker. */
export class UdpAddress {
  readonly address: ListenAddress;
  /** Its own, and those of the addresses that it stands for. */
  readonly #sockets = new Map<ListenAddress, readonly UdpServerSocket[]>();

  private constructor(address: ListenAddress, own: readonly UdpServerSocket[]) {
    this.address = address;
    this.#sockets.set(address, own);
  }

  /** Opens it, or says why not. */
  static open(
    address: ListenAddress,
    opening: UdpOpening,
  ): UdpAddress | { readonly error: string } {
    const own = openUdpServers(address, opening);
    return "error" in own ? own : new UdpAddress(address, own);
  }

  /**
   * From now on `owner` gets what comes, also to addresses that this host has got meanwhile. Before the turn ends in which it
   * was opened.
   */
  handTo(owner: UdpServerOwner, opening: UdpOpening): void {
    // Without the option there is no room beside the socket for all of them.
    if (opening.reusePort) this.#openLocal(opening);
    for (const socket of this.#all) socket.handTo(owner);
  }

  readDisable(disable: boolean): void {
    for (const socket of this.#all) socket.readDisable(disable);
  }

  /** The descriptors stay its own. */
  get listening(): readonly InheritedSocket[] {
    return [...this.#sockets].flatMap(([address, sockets]) =>
      sockets.map(({ fd }) => ({ key: socketKey(address), fd })),
    );
  }

  close(): void {
    for (const socket of this.#all) socket.close();
  }

  get #all(): readonly UdpServerSocket[] {
    return [...this.#sockets.values()].flat();
  }

  #openLocal(opening: UdpOpening): void {
    const known = new Set([...this.#sockets.keys()].map(({ ip }) => ip));
    for (const local of localAddressesOf(this.address)) {
      if (known.has(local.ip)) continue;
      const sockets = openUdpServers(local, opening);
      // What cannot be bound (yet) comes to the socket for all of them.
      if (!("error" in sockets)) this.#sockets.set(local, sockets);
    }
  }
}
