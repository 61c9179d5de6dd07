import type { ClientCallbacks } from "@nuncio/codec";
import type { Connection } from "../../transport/connection.ts";
import type { HttpPool } from "./http-pool.ts";
import { Http1Connection } from "./http1-connection.ts";
import type { PoolProtocol } from "./pool-protocol.ts";
import { RawCodec } from "./raw-codec.ts";

function newRawCodec(callbacks: ClientCallbacks): RawCodec {
  return new RawCodec(callbacks);
}

/** The bytes of tunnels, one on each connection; they wait and are limited like requests of HTTP. */
export class TunnelProtocol implements PoolProtocol {
  readonly alpn: readonly string[] = [];
  readonly streamsPerConnection = 1;
  /** The limit of connections is the one that holds. */
  readonly carriesRequests = false;

  onConnecting(): void {}

  open(pool: HttpPool, socket: Connection, startMs: number): Http1Connection {
    return new Http1Connection(pool, socket, startMs, newRawCodec, true);
  }
}
