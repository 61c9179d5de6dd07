import type { WorkerStats } from "../../observe/stats/definition.ts";
import { TLS_STATS } from "../../observe/stats/tables/tls.ts";
import type { CommonTlsConfig } from "./model.ts";
import type { TlsSession } from "./tls-session.ts";

/** What a context counts: `listener.<addr>.ssl.*` or `cluster.<name>.ssl.*`. */
export class HandshakeStats {
  readonly #stats: WorkerStats;
  readonly #scope: CommonTlsConfig["scope"];
  /** Slots of `ciphers.<name>` and the like: there are few, and one is needed with each handshake. */
  readonly #named: Map<string, number> = new Map();

  constructor(stats: WorkerStats, scope: CommonTlsConfig["scope"]) {
    this.#stats = stats;
    this.#scope = scope;
  }

  count(name: keyof typeof TLS_STATS.at): void {
    this.#stats.slots[this.#scope.base + TLS_STATS.at[name]]! += 1;
  }

  /** A handshake succeeded. */
  countHandshake(session: TlsSession, peerCertificate: boolean): void {
    this.count("handshake");
    if (session.sessionReused) this.count("session_reused");
    if (!peerCertificate) this.count("no_certificate");
    this.#countNamed("ciphers.", session.cipher);
    this.#countNamed("versions.", session.version);
    if (session.group !== "") this.#countNamed("curves.", session.group);
  }

  #countNamed(kind: string, name: string): void {
    const key = kind + name;
    let slot = this.#named.get(key);
    if (slot === undefined) {
      slot = this.#stats.dynamicCounter(this.#scope.prefix + key);
      this.#named.set(key, slot);
    }
    this.#stats.slots[slot]! += 1;
  }
}
