/** What a test's ClientHello says; what is left out is as small as it can be. */
export interface HelloParts {
  readonly version?: number;
  readonly ciphers?: readonly number[];
  /** Each is its type and its data. */
  readonly extensions?: readonly (readonly [number, Buffer])[];
}

/** For tests: the body of a ClientHello. */
export function clientHello({
  version = 0x0303,
  ciphers = [0x1301],
  extensions = [],
}: HelloParts): Buffer {
  const list = Buffer.concat(
    extensions.flatMap(([type, data]) => [uint16(type), uint16(data.length), data]),
  );
  return Buffer.concat([
    uint16(version),
    Buffer.alloc(32, "R"),
    Buffer.of(0),
    uint16(2 * ciphers.length),
    ...ciphers.map(uint16),
    Buffer.of(1, 0),
    uint16(list.length),
    list,
  ]);
}

/** A handshake message of one record, or of records of `size` bytes. */
export function handshakeRecords(body: Buffer, size = Infinity, type = 1): Buffer {
  const message = Buffer.concat([
    Buffer.of(type, body.length >> 16),
    uint16(body.length & 0xffff),
    body,
  ]);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, Math.min(at + size, message.length));
    records.push(Buffer.of(22, 3, 1), uint16(part.length), part);
  }
  return Buffer.concat(records);
}

/** The extension of a server name (RFC 6066, section 3). */
export function serverName(name: string): readonly [number, Buffer] {
  const bytes = Buffer.from(name, "latin1");
  return [0, Buffer.concat([uint16(bytes.length + 3), Buffer.of(0), uint16(bytes.length), bytes])];
}

/** The extension of application protocols (RFC 7301, section 3.1). */
export function protocols(...names: string[]): readonly [number, Buffer] {
  const list = Buffer.concat(
    names.map((name) => Buffer.from(`${String.fromCharCode(name.length)}${name}`)),
  );
  return [16, Buffer.concat([uint16(list.length), list])];
}

/** A list of 16-bit numbers behind its length in bytes, which itself takes so many. */
export function numbers(values: readonly number[], lengthBytes: 1 | 2): Buffer {
  const list = Buffer.concat(values.map(uint16));
  return Buffer.concat([lengthBytes === 1 ? Buffer.of(list.length) : uint16(list.length), list]);
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 255);
}
