import type { StreamInfo } from "../../../observe/stream-info.ts";
import type { Connection } from "../../../transport/connection.ts";

/** What of a downstream connection's bytes belongs to the stream under way. */
export class StreamBytes {
  readonly #connection: Connection;
  /** Bytes given to the codec since the last stream's end: as Envoy counts them, per read and not per message. */
  #received = 0;
  /** `bytesSent` of the connection when the last stream ended. */
  #sentBefore = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  onReceived(bytes: number): void {
    this.#received += bytes;
  }

  note(info: StreamInfo): void {
    info.downstreamWireBytesReceived = this.#received;
    info.downstreamWireBytesSent = this.#connection.bytesSent - this.#sentBefore;
  }

  /** What the last stream got is the next one's, too. */
  resume(info: StreamInfo): void {
    this.#received = info.downstreamWireBytesReceived;
  }

  /** The stream ended; the next bytes belong to the next one. */
  end(info: StreamInfo): void {
    this.note(info);
    this.#received = 0;
    this.#sentBefore = this.#connection.bytesSent;
  }
}
