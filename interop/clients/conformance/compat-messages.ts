import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

/** What the conformance runner asks of a server (connectrpc.conformance.v1.ServerCompatRequest), as far as a proxy minds. */
export interface CompatRequest {
  readonly isHttp2: boolean;
  /** PEM, when the server is to speak TLS with it. */
  readonly credentials: { readonly cert: Buffer; readonly key: Buffer } | null;
  /** PEM; whom a client must show. */
  readonly clientCert: Buffer | null;
  /** The same request for a server behind the proxy: everything but TLS. */
  readonly behind: Uint8Array;
}

const HTTP_VERSION = 2;
const USE_TLS = 4;
const CLIENT_CERT = 5;
const CREDENTIALS = 7;
const HTTP_VERSION_2 = 2;

/** Reads a request. */
export function readCompatRequest(bytes: Uint8Array): CompatRequest {
  const reader = new BinaryReader(bytes);
  const behind = new BinaryWriter();
  let version = 0;
  let clientCert: Buffer | null = null;
  let credentials: CompatRequest["credentials"] = null;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === CLIENT_CERT) clientCert = Buffer.from(reader.bytes());
    else if (field === CREDENTIALS) credentials = readCredentials(reader.bytes());
    else if (field === USE_TLS) reader.bool();
    else {
      const start = reader.pos;
      if (field === HTTP_VERSION) version = reader.int32();
      else reader.skip(wireType, field);
      behind.tag(field, wireType).raw(bytes.subarray(start, reader.pos));
    }
  }
  return { isHttp2: version === HTTP_VERSION_2, credentials, clientCert, behind: behind.finish() };
}

/** Where a server listens (ServerCompatResponse): its port. */
export function readCompatPort(bytes: Uint8Array): number {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 2) return reader.uint32();
    reader.skip(wireType, field);
  }
  throw new Error("the server behind the proxy named no port");
}

export function writeCompatResponse(port: number, cert: Buffer | undefined): Uint8Array {
  const writer = new BinaryWriter().tag(1, 2).string("127.0.0.1").tag(2, 0).uint32(port);
  if (cert !== undefined) writer.tag(3, 2).bytes(cert);
  return writer.finish();
}

/** With its length in front, as the runner and its servers talk to each other. */
export function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
}

/** The first message of a stream. */
export async function readFramed(stream: AsyncIterable<Buffer>): Promise<Uint8Array> {
  let bytes: Buffer = Buffer.alloc(0);
  for await (const piece of stream) {
    bytes = Buffer.concat([bytes, piece]);
    if (bytes.length < 4) continue;
    const end = 4 + bytes.readUInt32BE(0);
    if (bytes.length >= end) return bytes.subarray(4, end);
  }
  throw new Error(`expected a message, seen ${bytes.length} bytes`);
}

function readCredentials(bytes: Uint8Array): CompatRequest["credentials"] {
  const reader = new BinaryReader(bytes);
  const found = { cert: Buffer.alloc(0), key: Buffer.alloc(0) };
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) found.cert = Buffer.from(reader.bytes());
    else if (field === 2) found.key = Buffer.from(reader.bytes());
    else reader.skip(wireType, field);
  }
  return found;
}
