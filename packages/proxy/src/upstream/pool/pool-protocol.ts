import type { Connection } from "../../transport/connection.ts";
import type { HttpPool } from "./http-pool.ts";
import type { PooledConnection } from "./pooled-connection.ts";

/** What the connections of a pool speak. */
export interface PoolProtocol {
  /** Offered to a host over TLS whose context names no protocols (RFC 7301); empty offers none. */
  readonly alpn: readonly string[];
  /** How many requests a connection that is being made can be expected to take at once. */
  readonly streamsPerConnection: number;
  /** Whether `max_requests` holds for requests, which are told apart on a connection. */
  readonly carriesRequests: boolean;
  /** A connection is about to be made. */
  onConnecting(pool: HttpPool): void;
  /** What speaks the protocol over `socket`; `startMs`: when connecting began. */
  open(pool: HttpPool, socket: Connection, startMs: number): PooledConnection;
}
