/** Peers of which there are sessions; requests can bring names, and each is a peer of its own. */
export const SESSION_PEERS_MAX = 1024;

/** Sessions of an upstream that can be resumed, by whom they were made with. The newest are kept. */
export class SessionCache {
  readonly #max: number;
  readonly #byPeer: Map<string, Buffer[]> = new Map();

  /** `max` sessions for one peer; with 0 there are none. */
  constructor(max: number) {
    this.#max = max;
  }

  get enabled(): boolean {
    return this.#max > 0;
  }

  add(peer: string, session: Buffer): void {
    const sessions = this.#byPeer.get(peer);
    if (sessions === undefined) {
      if (this.#byPeer.size === SESSION_PEERS_MAX)
        this.#byPeer.delete(this.#byPeer.keys().next().value!);
      this.#byPeer.set(peer, [session]);
      return;
    }
    sessions.push(session);
    if (sessions.length > this.#max) sessions.shift();
  }

  newest(peer: string): Buffer | null {
    return this.#byPeer.get(peer)?.at(-1) ?? null;
  }

  /** A ticket of TLS 1.3 is good for one connection (RFC 8446 C.4). */
  remove(peer: string, session: Buffer): void {
    const sessions = this.#byPeer.get(peer);
    const at = sessions === undefined ? -1 : sessions.indexOf(session);
    if (at < 0) return;
    sessions!.splice(at, 1);
    if (sessions!.length === 0) this.#byPeer.delete(peer);
  }
}
