import type { UdpSession } from "./session.ts";

/** The sessions of one socket of the listener, by peer. With load balancing per packet a peer has one for each of its hosts. */
export class SessionTable {
  readonly #byIp = new Map<string, Map<number, UdpSession>>();

  /** The first one of the peer; the others follow by `nextOfPeer`. */
  first(ip: string, port: number): UdpSession | null {
    return this.#byIp.get(ip)?.get(port) ?? null;
  }

  add(session: UdpSession): void {
    const { ip, port } = session;
    let byPort = this.#byIp.get(ip);
    if (byPort === undefined) this.#byIp.set(ip, (byPort = new Map()));
    session.nextOfPeer = byPort.get(port) ?? null;
    byPort.set(port, session);
  }

  /** Only what is in the table. */
  remove(session: UdpSession): void {
    const { ip, port, nextOfPeer } = session;
    const byPort = this.#byIp.get(ip)!;
    let before = byPort.get(port)!;
    if (before !== session) {
      while (before.nextOfPeer !== session) before = before.nextOfPeer!;
      before.nextOfPeer = nextOfPeer;
      return;
    }
    if (nextOfPeer !== null) byPort.set(port, nextOfPeer);
    else if (byPort.size > 1) byPort.delete(port);
    else this.#byIp.delete(ip);
  }

  /** All of them; they may be removed meanwhile. */
  *[Symbol.iterator](): IterableIterator<UdpSession> {
    for (const byPort of this.#byIp.values()) {
      for (const first of byPort.values()) {
        let session: UdpSession | null = first;
        while (session !== null) {
          const next: UdpSession | null = session.nextOfPeer;
          yield session;
          session = next;
        }
      }
    }
  }
}
