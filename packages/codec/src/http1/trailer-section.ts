import type { CodecError } from "../callbacks.ts";
import { HeaderMap } from "../header-map.ts";
import { Http1Error } from "./errors.ts";
import type { HeadScanner } from "./head-scanner.ts";
import { LineReader } from "./line-reader.ts";
import type { HeadersWithUnderscoresAction } from "./options.ts";

/** Reads trailers. Fields of framing, routing or connection have no place there (RFC 9110 6.5.1). */
export class TrailerSection extends LineReader {
  /** Makes the header map of a scanned section from `start` to `end`. */
  read(
    scanner: HeadScanner,
    buffer: Buffer,
    start: number,
    end: number,
    underscores: HeadersWithUnderscoresAction,
  ): HeaderMap | CodecError {
    const trailers = new HeaderMap();
    const text = buffer.latin1Slice(start, end);
    return this.readLines(scanner, buffer, text, start, trailers, underscores) ?? trailers;
  }

  protected override readSpecial(): CodecError {
    return Http1Error.DisallowedTrailer;
  }
}
