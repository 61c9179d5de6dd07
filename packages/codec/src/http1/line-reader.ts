import type { CodecError } from "../callbacks.ts";
import type { HeaderMap } from "../header-map.ts";
import { NAME_CLASS, NAME_UNDERSCORE, NAME_UPPER } from "./char-classes.ts";
import { Http1Error } from "./errors.ts";
import {
  type HeadScanner,
  LINE_STRIDE,
  NAME_END,
  NAME_START,
  VALUE_END,
  VALUE_START,
} from "./head-scanner.ts";
import { findHeaderName, HEADER_NAMES, SPECIAL_NAMES } from "./header-names.ts";
import type { HeadersWithUnderscoresAction } from "./options.ts";

/** Makes entries of a header map out of scanned lines. Each sort of section says what its special headers mean. */
export abstract class LineReader {
  /** Bytes of names and values as Envoy counts its header bytes: `name: value` and one line end. */
  headerBytes = 0;
  /** Headers left out of the last section because of an underscore. */
  droppedUnderscores = 0;

  /** A header below `SPECIAL_NAMES`: adds it to `headers`, or not, or gives an error. */
  protected abstract readSpecial(id: number, value: string, headers: HeaderMap): CodecError | null;

  /** `text` holds the bytes from `start` on. */
  protected readLines(
    scanner: HeadScanner,
    buffer: Buffer,
    text: string,
    start: number,
    headers: HeaderMap,
    underscores: HeadersWithUnderscoresAction,
  ): CodecError | null {
    const entries = headers.entries;
    const lines = scanner.lines;
    const end = scanner.count * LINE_STRIDE;
    let headerBytes = 0;
    this.droppedUnderscores = 0;
    for (let i = 0; i < end; i += LINE_STRIDE) {
      const nameStart = lines[i + NAME_START]!;
      const nameLength = lines[i + NAME_END]! - nameStart;
      const valueStart = lines[i + VALUE_START]!;
      const valueEnd = lines[i + VALUE_END]!;
      const value = text.slice(valueStart - start, valueEnd - start);
      headerBytes += nameLength + valueEnd - valueStart + 3;
      const id = findHeaderName(buffer, nameStart, nameLength);
      if (id >= SPECIAL_NAMES) {
        entries.push(HEADER_NAMES[id]!, value);
      } else if (id < 0) {
        const nameClass = classOf(buffer, nameStart, nameLength);
        if ((nameClass & NAME_UNDERSCORE) !== 0 && underscores !== "ALLOW") {
          if (underscores === "REJECT_REQUEST") {
            // Envoy has counted the name of the header behind it by then.
            this.headerBytes = headerBytes + nameLengthAt(lines, i + LINE_STRIDE, end);
            return Http1Error.UnexpectedUnderscore;
          }
          this.droppedUnderscores++;
          continue;
        }
        const name = text.slice(nameStart - start, nameStart - start + nameLength);
        entries.push((nameClass & NAME_UPPER) !== 0 ? name.toLowerCase() : name, value);
      } else {
        const error = this.readSpecial(id, value, headers);
        if (error !== null) {
          this.headerBytes = headerBytes;
          return error;
        }
      }
    }
    this.headerBytes = headerBytes === 0 ? EMPTY_HEADER_BYTES : headerBytes;
    return null;
  }
}

/** Envoy counts the separators of one header where there is none. */
const EMPTY_HEADER_BYTES = 3;

/** 0 behind the last line. */
function nameLengthAt(lines: ArrayLike<number>, at: number, end: number): number {
  return at < end ? lines[at + NAME_END]! - lines[at + NAME_START]! : 0;
}

/** The classes of all characters of an unlisted name together. */
function classOf(buffer: Buffer, start: number, length: number): number {
  let nameClass = 0;
  for (let i = start; i < start + length; i++) nameClass |= NAME_CLASS[buffer[i]!]!;
  return nameClass;
}
