import type { ClientCallbacks } from "@nuncio/codec";
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

  protected override recordRequests(): void {}
}
