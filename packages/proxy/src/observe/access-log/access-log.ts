import type { FormatContext } from "../stream-info.ts";

/** One access logger on a worker. */
export interface AccessLog {
  /** Writes a line about a stream, if the logger's filter lets it; keeps nothing of the stream. */
  log(context: FormatContext): void;
  /** Gives the file back; what is buffered is written first. Idempotent. */
  close(): void;
}
