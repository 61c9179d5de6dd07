import type { TlsSockets } from "../transport/tls/tls-sockets.ts";
import type { UpstreamTransportSocket } from "../transport/transport-socket.ts";
import type { Host } from "./host.ts";
import type { TransportSocketMatchConfig, TransportSocketsConfig } from "./model.ts";
import { findTransportSocketMatch } from "./transport-socket-match.ts";

/** What lies over the sockets to a cluster's hosts, on one worker. */
export class TransportSockets {
  readonly #config: TransportSocketsConfig;
  readonly #otherwise: UpstreamTransportSocket | null;
  readonly #sockets: ReadonlyMap<TransportSocketMatchConfig, UpstreamTransportSocket | null>;

  constructor(config: TransportSocketsConfig, tlsSockets: TlsSockets) {
    this.#config = config;
    this.#otherwise = config.otherwise === null ? null : tlsSockets.upstream(config.otherwise);
    this.#sockets = new Map(
      config.matches.map((match) => [
        match,
        match.socket === null ? null : tlsSockets.upstream(match.socket),
      ]),
    );
  }

  /** Null is the plain socket. */
  for(host: Host): UpstreamTransportSocket | null {
    if (this.#config.matches.length === 0) return this.#otherwise;
    const match = findTransportSocketMatch(this.#config, host.metadata);
    return match === null ? this.#otherwise : this.#sockets.get(match)!;
  }
}
