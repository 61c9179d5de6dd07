import type { Connection } from "../../transport/connection.ts";
import type { Cluster } from "../cluster.ts";
import type { HttpPool } from "./http-pool.ts";
import { Http1Protocol } from "./http1-protocol.ts";
import { Http2Protocol } from "./http2-protocol.ts";
import type { PoolProtocol } from "./pool-protocol.ts";
import type { PooledConnection } from "./pooled-connection.ts";

/** What each connection agrees on by ALPN: HTTP/2, else HTTP/1 (`auto_config`). */
export class AutoProtocol implements PoolProtocol {
  readonly alpn: readonly string[] = ["h2", "http/1.1"];
  readonly carriesRequests = true;
  readonly #http1: Http1Protocol;
  readonly #http2: Http2Protocol;
  /** The last connection spoke HTTP/2, so the next is likely to. */
  #lastWasHttp2 = false;

  constructor(cluster: Cluster) {
    this.#http1 = new Http1Protocol(cluster);
    this.#http2 = new Http2Protocol(cluster);
  }

  get streamsPerConnection(): number {
    return this.#lastWasHttp2 ? this.#http2.streamsPerConnection : 1;
  }

  /** It is not known yet what it will speak. */
  onConnecting(): void {}

  open(pool: HttpPool, socket: Connection, startMs: number): PooledConnection {
    this.#lastWasHttp2 = socket.tls?.alpn === "h2";
    const protocol = this.#lastWasHttp2 ? this.#http2 : this.#http1;
    protocol.onConnecting(pool);
    return protocol.open(pool, socket, startMs);
  }
}
