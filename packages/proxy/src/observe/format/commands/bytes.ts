import { numberCommand } from "../command.ts";
import type { CommandTable } from "../command.ts";

/** Bytes of bodies, heads and wires. HTTP/1 heads are never compressed, so DECOMPRESSED only lacks trailers received. */
export const bytesCommands: CommandTable = {
  BYTES_RECEIVED: numberCommand(({ streamInfo }) => streamInfo.bytesReceived),
  BYTES_SENT: numberCommand(({ streamInfo }) => streamInfo.bytesSent),
  /** QUIC only: 0 elsewhere, as in Envoy. */
  BYTES_RETRANSMITTED: numberCommand(() => 0),
  PACKETS_RETRANSMITTED: numberCommand(() => 0),
  DOWNSTREAM_WIRE_BYTES_RECEIVED: numberCommand(
    ({ streamInfo }) => streamInfo.downstreamWireBytesReceived,
  ),
  DOWNSTREAM_WIRE_BYTES_SENT: numberCommand(({ streamInfo }) => streamInfo.downstreamWireBytesSent),
  DOWNSTREAM_HEADER_BYTES_RECEIVED: numberCommand(
    ({ streamInfo }) => streamInfo.downstreamHeaderBytesReceived,
  ),
  DOWNSTREAM_HEADER_BYTES_SENT: numberCommand(
    ({ streamInfo }) => streamInfo.downstreamHeaderBytesSent,
  ),
  DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED: numberCommand(
    ({ streamInfo }) =>
      streamInfo.downstreamHeaderBytesReceived - streamInfo.downstreamTrailerBytesReceived,
  ),
  DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT: numberCommand(
    ({ streamInfo }) => streamInfo.downstreamHeaderBytesSent,
  ),
  UPSTREAM_WIRE_BYTES_RECEIVED: numberCommand(
    ({ streamInfo }) => streamInfo.upstreamWireBytesReceived,
  ),
  UPSTREAM_WIRE_BYTES_SENT: numberCommand(({ streamInfo }) => streamInfo.upstreamWireBytesSent),
  UPSTREAM_HEADER_BYTES_RECEIVED: numberCommand(
    ({ streamInfo }) => streamInfo.upstreamHeaderBytesReceived,
  ),
  UPSTREAM_HEADER_BYTES_SENT: numberCommand(({ streamInfo }) => streamInfo.upstreamHeaderBytesSent),
  UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED: numberCommand(
    ({ streamInfo }) =>
      streamInfo.upstreamHeaderBytesReceived - streamInfo.upstreamTrailerBytesReceived,
  ),
  UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT: numberCommand(
    ({ streamInfo }) => streamInfo.upstreamHeaderBytesSent,
  ),
};
