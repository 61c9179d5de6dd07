import { closeSync } from "node:fs";
import type { InheritedSocket } from "../../listener/inherited-sockets.ts";
import { libc } from "../../transport/native-libc.ts";

/**
 * Which worker gets which of the listening sockets that came from elsewhere. Every socket has an accept queue of its own, so
 * each one goes to some worker: with fewer workers than before, some accept on several; with more, the others bind their own
 * beside them. One that nothing can be bound beside is shared by all workers.
 */
export class SocketShares {
  readonly #shares: InheritedSocket[][];
  /** What all workers share; main keeps it for those that take the place of one that died. */
  #shared: readonly InheritedSocket[];
  readonly #keys = new Set<string>();

  /** `activated` are the service manager's: nobody may bind beside those. */
  constructor(
    workers: number,
    handedOver: readonly InheritedSocket[],
    activated: readonly InheritedSocket[],
  ) {
    this.#shares = Array.from({ length: workers }, () => []);
    const shared = [...activated];
    for (const { key } of activated) this.#keys.add(key);
    for (const [key, sockets] of Map.groupBy(handedOver, ({ key: its }) => its)) {
      this.#keys.add(key);
      if (libc()?.sharesPort(sockets[0]!.fd) === true) {
        sockets.forEach((socket, i) => this.#shares[i % workers]!.push(socket));
      } else {
        // All are the same socket.
        shared.push(sockets[0]!);
        for (const { fd } of sockets.slice(1)) closeSync(fd);
      }
    }
    this.#shared = shared;
  }

  /** Of the addresses that there are sockets of. */
  get keys(): readonly string[] {
    return [...this.#keys];
  }

  /** Whether a listener of this address has something to accept on. */
  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** What a worker gets; the descriptors are its own from now on. */
  take(worker: number): readonly InheritedSocket[] {
    const own = this.#shares[worker]!.splice(0);
    const copies = this.#shared.map(({ key, fd }) => ({ key, fd: libc()!.duplicate(fd) }));
    return [...own, ...copies];
  }

  /** Every listener is there: closes what main keeps for none of these addresses. */
  release(used: ReadonlySet<string>): void {
    const kept = this.#shared.filter(({ key }) => used.has(key));
    const unused = new Set(this.#shared.map(({ fd }) => fd));
    for (const { fd } of kept) unused.delete(fd);
    for (const fd of unused) closeSync(fd);
    this.#shared = kept;
    // Listeners that come later bind.
    this.#keys.clear();
  }
}
