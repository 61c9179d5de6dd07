import { ClientHello, uint16 } from "./client-hello.ts";

/** What the first bytes of a connection are. */
export const Inspection = {
  /** Not all of it is here. */
  More: 0,
  /** A ClientHello; it is in `ClientHelloReader.hello`. */
  Found: 1,
  /** Anything else; the reason is in `ClientHelloReader.failure`. */
  NotFound: 2,
  /** The peer said goodbye before it said hello. */
  Closed: 3,
} as const;
export type Inspection = (typeof Inspection)[keyof typeof Inspection];

/**
 * Why bytes are no ClientHello, by the names of Envoy's TLS library; its number of each, and the alert that it answers with
 * (RFC 8446, section 6.2), 0 for none.
 */
export const HELLO_FAILURES = {
  CLIENTHELLO_PARSE_FAILED: { number: 131, alert: 50 },
  ENCRYPTED_LENGTH_TOO_LONG: { number: 146, alert: 22 },
  ERROR_PARSING_EXTENSION: { number: 149, alert: 50 },
  EXCESSIVE_MESSAGE_SIZE: { number: 150, alert: 47 },
  HTTPS_PROXY_REQUEST: { number: 155, alert: 0 },
  HTTP_REQUEST: { number: 156, alert: 0 },
  TOO_MANY_EMPTY_FRAGMENTS: { number: 219, alert: 10 },
  UNEXPECTED_MESSAGE: { number: 223, alert: 10 },
  UNEXPECTED_RECORD: { number: 225, alert: 10 },
  WRONG_VERSION_NUMBER: { number: 247, alert: 70 },
  EXCESS_HANDSHAKE_DATA: { number: 255, alert: 10 },
} as const;

export type HelloFailure = keyof typeof HELLO_FAILURES;

/**
 * Finds the ClientHello that a TLS connection begins with: a handshake message in one or more records (RFC 8446, section
 * 5.1). Keeps nothing between calls but what the last one found.
 */
export class ClientHelloReader {
  readonly hello: ClientHello = new ClientHello();
  /** Of NotFound. */
  failure: HelloFailure = "UNEXPECTED_RECORD";
  /** Bytes that it took to come to the end. */
  processedBytes = 0;
  /** Of More: fewer bytes than this change nothing. */
  neededBytes = 0;

  /** Looks at all bytes since the beginning of the connection, `start` to `end`. */
  read(buffer: Buffer, start: number, end: number): Inspection {
    this.neededBytes = HEADER_BYTES;
    if (end - start < HEADER_BYTES) return Inspection.More;
    this.processedBytes = HEADER_BYTES;
    const other = otherProtocol(buffer, start);
    if (other !== null) return this.#fail(other);
    let at = start;
    let empty = 0;
    /** Bytes of the message in `ASSEMBLY`. */
    let assembled = 0;
    for (;;) {
      const body = at + HEADER_BYTES;
      this.neededBytes = body - start;
      if (body > end) return Inspection.More;
      const length = uint16(buffer, at + 3);
      if (buffer[at + 1] !== MAJOR_VERSION) return this.#fail("WRONG_VERSION_NUMBER");
      if (length > RECORD_MAX_BYTES) return this.#fail("ENCRYPTED_LENGTH_TOO_LONG");
      this.neededBytes += length;
      if (body + length > end) return Inspection.More;
      this.processedBytes = body + length - start;
      if (buffer[at] !== HANDSHAKE) return this.#readOther(buffer, at, length);
      empty = length === 0 ? empty + 1 : 0;
      if (empty > EMPTY_RECORDS_MAX) return this.#fail("TOO_MANY_EMPTY_FRAGMENTS");
      at = body + length;
      const result = this.#addFragment(buffer, body, at, assembled);
      if (result !== Inspection.More) return result;
      assembled += length;
    }
  }

  /** One record's part of the message, behind `assembled` bytes of it; nearly always it is all there is. */
  #addFragment(buffer: Buffer, start: number, end: number, assembled: number): Inspection {
    const bytes = end - start;
    if (bytes === 0) return Inspection.More;
    if (assembled === 0) {
      const result = this.#readMessage(buffer, start, end);
      if (result !== Inspection.More) return result;
    }
    if (assembled + bytes > ASSEMBLY.length) return this.#fail("EXCESS_HANDSHAKE_DATA");
    buffer.copy(ASSEMBLY, assembled, start, end);
    return assembled === 0 ? Inspection.More : this.#readMessage(ASSEMBLY, 0, assembled + bytes);
  }

  /** A handshake message: its type, its length in three bytes, its body. */
  #readMessage(buffer: Buffer, start: number, end: number): Inspection {
    if (end - start < MESSAGE_HEADER_BYTES) return Inspection.More;
    const length = (buffer[start + 1]! << 16) | uint16(buffer, start + 2);
    if (length > MESSAGE_MAX_BYTES) return this.#fail("EXCESSIVE_MESSAGE_SIZE");
    const behind = start + MESSAGE_HEADER_BYTES + length;
    if (behind > end) return Inspection.More;
    if (buffer[start] !== CLIENT_HELLO) return this.#fail("UNEXPECTED_MESSAGE");
    if (behind < end) return this.#fail("EXCESS_HANDSHAKE_DATA");
    const failure = this.hello.read(buffer, start + MESSAGE_HEADER_BYTES, end);
    return failure === null ? Inspection.Found : this.#fail(failure);
  }

  /** A record that no connection begins with. */
  #readOther(buffer: Buffer, at: number, length: number): Inspection {
    const body = at + HEADER_BYTES;
    const goodbye = buffer[at] === ALERT && length === 2 && buffer[body] === WARNING;
    if (goodbye && buffer[body + 1] === CLOSE_NOTIFY) return Inspection.Closed;
    return this.#fail("UNEXPECTED_RECORD");
  }

  #fail(reason: HelloFailure): Inspection {
    this.failure = reason;
    return Inspection.NotFound;
  }
}

const HEADER_BYTES = 5;
const ALERT = 21;
const HANDSHAKE = 22;
const MAJOR_VERSION = 3;
const RECORD_MAX_BYTES = 16_384 + 256 + 64;
const EMPTY_RECORDS_MAX = 32;
const MESSAGE_HEADER_BYTES = 4;
const MESSAGE_MAX_BYTES = 16_384;
const CLIENT_HELLO = 1;
/** Where a message is put together that comes in several records; used by one call at a time. */
const ASSEMBLY: Buffer = Buffer.allocUnsafeSlow(2 * RECORD_MAX_BYTES);
const WARNING = 1;
const CLOSE_NOTIFY = 0;

const HTTP_STARTS = ["GET ", "POST ", "HEAD ", "PUT "];

/** The reason that names another protocol; null when it may be TLS, or is none that is known. */
function otherProtocol(buffer: Buffer, start: number): HelloFailure | null {
  if (buffer[start] === HANDSHAKE) return null;
  const text = buffer.latin1Slice(start, start + HEADER_BYTES);
  if (HTTP_STARTS.some((method) => text.startsWith(method))) return "HTTP_REQUEST";
  return text === "CONNE" ? "HTTPS_PROXY_REQUEST" : null;
}
