import type { Host } from "./host.ts";

/** Something of one client that lives on a host without a connection pool: a session of UDP. */
export interface HostSession {
  readonly host: Host;
  /** The host left its cluster, or is reached in another way from now on. Takes itself out of the list. */
  onHostGone(): void;
}

/** The sessions of a worker that end with their hosts. */
export class HostSessions {
  readonly #byHost = new Map<Host, Set<HostSession>>();

  add(session: HostSession): void {
    const sessions = this.#byHost.get(session.host);
    if (sessions === undefined) this.#byHost.set(session.host, new Set([session]));
    else sessions.add(session);
  }

  remove(session: HostSession): void {
    const sessions = this.#byHost.get(session.host);
    if (sessions?.delete(session) === true && sessions.size === 0)
      this.#byHost.delete(session.host);
  }

  end(host: Host): void {
    for (const session of this.#byHost.get(host) ?? []) session.onHostGone();
  }
}
