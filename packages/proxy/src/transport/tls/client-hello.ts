/**
 * A ClientHello (RFC 8446, section 4.1.2; RFC 5246, 7.4.1.2) as places in the buffer it was read from. One object serves all
 * connections: it is filled by a read and holds until the next one. Each list is made when it is asked for, in the client's
 * order; of a broken one it has what can be read, and of none nothing.
 */
export class ClientHello {
  buffer: Buffer = EMPTY;
  /** `legacy_version`. */
  version = 0;
  #ciphersStart = 0;
  #ciphersEnd = 0;
  #extensionsStart = 0;
  #extensionsEnd = 0;
  /** In lower case; empty for none. A byte each, whatever it is. */
  serverName = "";

  /**
   * Takes the body of the handshake message apart, `start` to `end`. Returns the reason for what is no ClientHello; null when
   * it is one.
   */
  read(
    buffer: Buffer,
    start: number,
    end: number,
  ): "CLIENTHELLO_PARSE_FAILED" | "ERROR_PARSING_EXTENSION" | null {
    this.buffer = buffer;
    this.serverName = "";
    if (!this.#findParts(start, end) || !this.#areExtensionsWhole()) {
      return "CLIENTHELLO_PARSE_FAILED";
    }
    const name = this.findExtension(SERVER_NAME);
    if (name >= 0 && !this.#readServerName(name)) return "ERROR_PARSING_EXTENSION";
    return null;
  }

  /** Where the data of an extension starts, behind its length; -1 when it is not there. */
  findExtension(type: number): number {
    const { buffer } = this;
    const end = this.#extensionsEnd;
    for (let at = this.#extensionsStart; at < end; at += 4 + uint16(buffer, at + 2)) {
      if (uint16(buffer, at) === type) return at + 4;
    }
    return -1;
  }

  get cipherSuites(): number[] {
    const suites: number[] = [];
    for (let at = this.#ciphersStart; at < this.#ciphersEnd; at += 2)
      suites.push(uint16(this.buffer, at));
    return suites;
  }

  get extensionTypes(): number[] {
    const { buffer } = this;
    const types: number[] = [];
    for (let at = this.#extensionsStart; at < this.#extensionsEnd; at += 4 + uint16(buffer, at + 2))
      types.push(uint16(buffer, at));
    return types;
  }

  get groups(): number[] {
    return this.#numbers(SUPPORTED_GROUPS, 2);
  }

  get pointFormats(): number[] {
    return this.#numbers(POINT_FORMATS, 1);
  }

  get signatureAlgorithms(): number[] {
    return this.#numbers(SIGNATURE_ALGORITHMS, 2);
  }

  /** Groups that the client sends a share of a key for. */
  get keyShares(): number[] {
    const { buffer } = this;
    const start = this.findExtension(KEY_SHARE);
    const end = this.#dataEnd(start);
    const groups: number[] = [];
    for (let at = start + 2; at + 4 <= end; at += 4 + uint16(buffer, at + 2))
      groups.push(uint16(buffer, at));
    return groups;
  }

  get supportedVersions(): number[] {
    return this.#numbers(SUPPORTED_VERSIONS, 2, 1);
  }

  /** It asks for a stapled OCSP response. */
  get statusRequest(): boolean {
    return this.findExtension(STATUS_REQUEST) >= 0;
  }

  /** The protocols that the client offers, in its order; null for no list, or one that is broken (RFC 7301, section 3.1). */
  applicationProtocols(): string[] | null {
    const { buffer } = this;
    const start = this.findExtension(APPLICATION_PROTOCOLS);
    if (start < 0) return null;
    const end = start + uint16(buffer, start - 2);
    if (end - start < 4 || uint16(buffer, start) !== end - start - 2) return null;
    const protocols: string[] = [];
    for (let at = start + 2; at < end;) {
      const length = buffer[at]!;
      if (length === 0 || at + 1 + length > end) return null;
      protocols.push(buffer.latin1Slice(at + 1, at + 1 + length));
      at += 1 + length;
    }
    return protocols;
  }

  /** Items of `size` bytes, behind the `lengthBytes` of their list's length. */
  #numbers(type: number, size: 1 | 2, lengthBytes: 1 | 2 = size): number[] {
    const { buffer } = this;
    const start = this.findExtension(type);
    const end = this.#dataEnd(start);
    const numbers: number[] = [];
    for (let at = start + lengthBytes; at + size <= end; at += size)
      numbers.push(size === 1 ? buffer[at]! : uint16(buffer, at));
    return numbers;
  }

  /** Of an extension whose data begin at `start`; -1 for one that is not there. */
  #dataEnd(start: number): number {
    return start < 0 ? -1 : start + uint16(this.buffer, start - 2);
  }

  #findParts(start: number, end: number): boolean {
    const { buffer } = this;
    const sessionId = start + 2 + RANDOM_BYTES;
    if (sessionId >= end || buffer[sessionId]! > SESSION_ID_MAX_BYTES) return false;
    this.version = uint16(buffer, start);
    this.#ciphersStart = sessionId + 1 + buffer[sessionId]! + 2;
    if (this.#ciphersStart > end) return false;
    const ciphersBytes = uint16(buffer, this.#ciphersStart - 2);
    this.#ciphersEnd = this.#ciphersStart + ciphersBytes;
    if (ciphersBytes < 2 || ciphersBytes % 2 !== 0 || this.#ciphersEnd >= end) return false;
    const compressions = buffer[this.#ciphersEnd]!;
    const behind = this.#ciphersEnd + 1 + compressions;
    if (compressions === 0 || behind > end) return false;
    this.#extensionsStart = behind;
    this.#extensionsEnd = behind;
    // Before TLS 1.3 a ClientHello may end here.
    if (behind === end) return true;
    if (behind + 2 > end || behind + 2 + uint16(buffer, behind) !== end) return false;
    this.#extensionsStart = behind + 2;
    this.#extensionsEnd = end;
    return true;
  }

  /** Each ends where the next one starts, and none is there twice. */
  #areExtensionsWhole(): boolean {
    const { buffer } = this;
    const start = this.#extensionsStart;
    const end = this.#extensionsEnd;
    let at = start;
    let whole = true;
    while (at < end && whole) {
      const next = at + 4 <= end ? at + 4 + uint16(buffer, at + 2) : Infinity;
      if (next > end || !mark(uint16(buffer, at))) whole = false;
      else at = next;
    }
    for (let back = start; back < at; back += 4 + uint16(buffer, back + 2)) {
      SEEN[uint16(buffer, back)] = 0;
    }
    return whole;
  }

  /** A list of one host name (RFC 6066, section 3). */
  #readServerName(start: number): boolean {
    const { buffer } = this;
    const end = start + uint16(buffer, start - 2);
    if (end - start < 5 || uint16(buffer, start) !== end - start - 2) return false;
    if (buffer[start + 2] !== HOST_NAME || start + 5 + uint16(buffer, start + 3) !== end) {
      return false;
    }
    const name = buffer.latin1Slice(start + 5, end);
    if (name === "" || name.length > HOST_NAME_MAX_BYTES || name.includes("\0")) return false;
    this.serverName = lowerCase(name);
    return true;
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
const SERVER_NAME = 0;
const STATUS_REQUEST = 5;
const SUPPORTED_GROUPS = 10;
const POINT_FORMATS = 11;
const SIGNATURE_ALGORITHMS = 13;
const APPLICATION_PROTOCOLS = 16;
const SUPPORTED_VERSIONS = 43;
const KEY_SHARE = 51;
const RANDOM_BYTES = 32;
const SESSION_ID_MAX_BYTES = 32;
const HOST_NAME = 0;
const HOST_NAME_MAX_BYTES = 255;

/** Extension types of the ClientHello that is being read; all zero between reads. */
const SEEN = new Uint8Array(1 << 16);

function mark(type: number): boolean {
  if (SEEN[type] === 1) return false;
  SEEN[type] = 1;
  return true;
}

/** A name is bytes: only ASCII letters have a lower case. */
function lowerCase(name: string): string {
  return /[\x80-\xff]/.test(name)
    ? name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
    : name.toLowerCase();
}

/** Two bytes, the higher one first. */
export function uint16(buffer: Buffer, at: number): number {
  return (buffer[at]! << 8) | buffer[at + 1]!;
}
