import type { ClientCallbacks } from "@nuncio/codec";
import type { Connection } from "../../transport/connection.ts";
import { Resource } from "../shared/breaker-memory.ts";
import { HttpPool } from "./http-pool.ts";
import { Http1Connection } from "./http1-connection.ts";
import type { PooledConnection } from "./pooled-connection.ts";
import { RawCodec } from "./raw-codec.ts";

function newRawCodec(callbacks: ClientCallbacks): RawCodec {
  return new RawCodec(callbacks);
}

/** Connections that carry the bytes of tunnels, one each; they wait and are limited like those of HTTP. */
export class TcpPool extends HttpPool {
  protected override readonly streamsPerConnection: number = 1;

  protected override openConnection(socket: Connection, startMs: number): PooledConnection {
    return new Http1Connection(this, socket, startMs, newRawCodec, true);
  }

  protected override countProtocol(): void {}

  /** Counted, and never refused: the connection's own limit is the one that holds. */
  protected override acquireRequest(): boolean {
    this.resources.acquire(Resource.Requests);
    return true;
  }

  protected override recordRequests(): void {}
}
