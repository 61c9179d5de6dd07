/** What a server reads of a ClientHello (RFC 8446 4.1.2) to choose a certificate and a protocol. */
export interface ClientHello {
  /** `server_name` in lower case; empty for none. */
  readonly serverName: string;
  /** Of the `application_layer_protocol_negotiation` extension, in the client's order. */
  readonly alpnProtocols: readonly string[];
  readonly cipherSuites: readonly number[];
  readonly groups: readonly number[];
  /** Groups with a key share, in the client's order. */
  readonly keyShares: readonly number[];
  readonly signatureAlgorithms: readonly number[];
  readonly supportedVersions: readonly number[];
  /** It asks for a stapled OCSP response. */
  readonly statusRequest: boolean;
}

/** More bytes than this are no hello that anybody sends: they go to OpenSSL unread. */
export const CLIENT_HELLO_MAX_BYTES: number = 16 * 1024;

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const EXTENSION = {
  serverName: 0,
  statusRequest: 5,
  groups: 10,
  signatureAlgorithms: 13,
  alpn: 16,
  supportedVersions: 43,
  keyShare: 51,
} as const;

/** Reads the first bytes of a connection. `incomplete` asks for more; null is no ClientHello, or a broken one. */
export function readClientHello(bytes: Buffer): ClientHello | "incomplete" | null {
  const message = handshakeMessage(bytes);
  if (message === "incomplete" || message === null) return message;
  try {
    return parse(new Reader(message));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The body of the first handshake message, put together from its records. */
function handshakeMessage(bytes: Buffer): Buffer | "incomplete" | null {
  const pieces: Buffer[] = [];
  let have = 0;
  for (let at = 0; ;) {
    if (at < bytes.length && bytes[at] !== HANDSHAKE_RECORD) return null;
    if (at + 5 > bytes.length) return "incomplete";
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0) return null;
    const piece = bytes.subarray(at + 5, at + 5 + length);
    pieces.push(piece);
    have += piece.length;
    at += 5 + length;
    if (have < 4) {
      if (at > bytes.length) return "incomplete";
      continue;
    }
    const message = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, have);
    if (message[0] !== CLIENT_HELLO) return null;
    const end = 4 + message.readUIntBE(1, 3);
    if (end > CLIENT_HELLO_MAX_BYTES) return null;
    if (have >= end) return message.subarray(4, end);
    if (at > bytes.length) return "incomplete";
  }
}

type Draft = { -readonly [K in keyof ClientHello]: ClientHello[K] };

function parse(reader: Reader): ClientHello {
  reader.skip(2 + 32);
  reader.vector(1);
  const hello: Draft = {
    serverName: "",
    alpnProtocols: [],
    cipherSuites: reader.vector(2).numbers(),
    groups: [],
    keyShares: [],
    signatureAlgorithms: [],
    supportedVersions: [],
    statusRequest: false,
  };
  reader.vector(1);
  if (reader.done) return hello;
  const extensions = reader.vector(2);
  while (!extensions.done) {
    const type = extensions.number(2);
    readExtension(hello, type, extensions.vector(2));
  }
  return hello;
}

function readExtension(hello: Draft, type: number, body: Reader): void {
  switch (type) {
    case EXTENSION.serverName:
      hello.serverName = readServerName(body.vector(2));
      break;
    case EXTENSION.statusRequest:
      hello.statusRequest = body.number(1) === 1;
      break;
    case EXTENSION.groups:
      hello.groups = body.vector(2).numbers();
      break;
    case EXTENSION.signatureAlgorithms:
      hello.signatureAlgorithms = body.vector(2).numbers();
      break;
    case EXTENSION.alpn:
      hello.alpnProtocols = readProtocols(body.vector(2));
      break;
    case EXTENSION.supportedVersions:
      hello.supportedVersions = body.vector(1).numbers();
      break;
    case EXTENSION.keyShare:
      hello.keyShares = readKeyShares(body.vector(2));
      break;
    default:
  }
}

function readServerName(list: Reader): string {
  while (!list.done) {
    const type = list.number(1);
    const name = list.vector(2);
    if (type === 0) return name.text().toLowerCase();
  }
  return "";
}

function readProtocols(list: Reader): string[] {
  const protocols: string[] = [];
  while (!list.done) protocols.push(list.vector(1).text());
  return protocols;
}

function readKeyShares(list: Reader): number[] {
  const groups: number[] = [];
  while (!list.done) {
    groups.push(list.number(2));
    list.vector(2);
  }
  return groups;
}

/** Reads TLS's presentation language; a RangeError says that the bytes end too early. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  skip(count: number): void {
    if (this.#at + count > this.#bytes.length) throw new RangeError("truncated");
    this.#at += count;
  }

  number(size: 1 | 2): number {
    this.skip(size);
    return this.#bytes.readUIntBE(this.#at - size, size);
  }

  /** The vector with a length of `size` bytes that comes next. */
  vector(size: 1 | 2): Reader {
    const length = this.number(size);
    this.skip(length);
    return new Reader(this.#bytes.subarray(this.#at - length, this.#at));
  }

  /** All of it, as two-byte numbers. */
  numbers(): number[] {
    const numbers: number[] = [];
    while (!this.done) numbers.push(this.number(2));
    return numbers;
  }

  text(): string {
    return this.#bytes.latin1Slice(0, this.#bytes.length);
  }
}
