import type { ClientCallbacks } from "@nuncio/codec";
import { Resource } from "../shared/breaker-memory.ts";
import { HttpPool } from "./http-pool.ts";
import { RawCodec } from "./raw-codec.ts";
import { UpstreamConnection } from "./upstream-connection.ts";

function newRawCodec(callbacks: ClientCallbacks): RawCodec {
  return new RawCodec(callbacks);
}

/** Connections that carry the bytes of tunnels, one each; they wait and are limited like those of HTTP. */
export class TcpPool extends HttpPool {
  protected override createConnection(): UpstreamConnection {
    return new UpstreamConnection(this, newRawCodec, true);
  }

  /** Counted, and never refused: the connection's own limit is the one that holds. */
  protected override acquireRequest(): boolean {
    this.resources.acquire(Resource.Requests);
    return true;
  }

  protected override recordRequests(): void {}
}
