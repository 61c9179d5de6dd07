import type { DownstreamInfo, StreamInfo } from "../observe/stream-info.ts";
import type { CloseReason, Connection } from "../transport/connection.ts";

/** What becomes of the chain after a network filter (Envoy's `Network::FilterStatus`). */
export const NetworkStatus = {
  Continue: 0,
  /** Stop here; data is held until the filter calls `continueReading`. */
  StopIteration: 1,
} as const;
export type NetworkStatus = (typeof NetworkStatus)[keyof typeof NetworkStatus];

/** What a network filter may use of its connection. */
export interface NetworkFilterCallbacks {
  readonly connection: Connection;
  readonly downstream: DownstreamInfo;
  /** The facts of the connection as one stream, for TCP access logs. */
  readonly streamInfo: StreamInfo;
  /** Goes on with the filters behind this one, with the data that was held. */
  continueReading(): void;
  /** Whether the listener drains: time to part with the peer at the next good moment. */
  drainClose(): boolean;
}

/**
 * One L4 filter, one object per connection (Envoy's read filter). The last filter of a chain is terminal: it takes
 * all data. Data is borrowed. A method that throws closes its connection, nothing else.
 */
export interface NetworkFilter {
  onNewConnection(): NetworkStatus;
  onData(buffer: Buffer, start: number, end: number): NetworkStatus;
  /** The peer sent FIN; only for chains that ask for half close. */
  onEndStream(): void;
  /** The connection is gone. Exactly once. */
  onClose(reason: CloseReason): void;
  onAboveWriteBufferHighWatermark(): void;
  onBelowWriteBufferLowWatermark(): void;
  /** The connection has to end soon. Only for who can tell the peer at any time. */
  onDrain?(): void;
}

/** Makes the filters of one chain's connections: the worker side of a network filter. */
export interface NetworkFilterFactory {
  /** FIN from the peer is an event, not the end (tcp_proxy). Decided by the terminal filter. */
  readonly halfClose: boolean;
  /** Its configuration has not come: connections of its chain are closed. Left out: never. */
  readonly isMissing?: boolean;
  /** Not called while it is missing. */
  create(callbacks: NetworkFilterCallbacks): NetworkFilter;
  /**
   * The filter is configured anew in a way that leaves its connections alone (`sameConnections` of its main side): serves by
   * what `next` was built of from now on, also on the connections that there are. `next` makes no filter of its own.
   */
  succeededBy?(next: NetworkFilterFactory): void;
  /** The configuration is no longer used by any connection. */
  close(): void;
}
