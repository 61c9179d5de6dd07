import type { InheritedSocket } from "../../listener/inherited-sockets.ts";
import { libc } from "../../transport/native-libc.ts";

/**
 * Which worker gets which of the listening sockets that came from elsewhere. Every socket has an accept queue of its own, so
 * each one goes to some worker: with fewer workers than before, some accept on several. Where there are too few, the other
 * workers bind their own beside them, or share them when nothing can be bound beside them.
 */
export class SocketShares {
  readonly #shares: InheritedSocket[][];
  /** What all workers share; main keeps it for those that take the place of one that died. */
  readonly #shared: InheritedSocket[] = [];
  readonly #keys = new Set<string>();

  /** `activated` are the service manager's: nobody may bind beside those. */
  constructor(
    workers: number,
    handedOver: readonly InheritedSocket[],
    activated: readonly InheritedSocket[],
  ) {
    this.#shares = Array.from({ length: workers }, () => []);
    for (const { key } of activated) this.#keys.add(key);
    this.#shared.push(...activated);
    for (const [key, sockets] of Map.groupBy(handedOver, ({ key: its }) => its)) {
      this.#keys.add(key);
      const enough = sockets.length >= workers || libc()?.sharesPort(sockets[0]!.fd) === true;
      if (!enough) this.#shared.push(...sockets);
      else sockets.forEach((socket, i) => this.#shares[i % workers]!.push(socket));
    }
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
}
