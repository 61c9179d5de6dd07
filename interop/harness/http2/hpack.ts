import { decodeHuffman } from "./huffman.ts";

/** A header field as it is on the wire, Latin-1. */
export type Field = readonly [name: string, value: string];

/** RFC 7541, appendix A: names, and values where there are any. */
const STATIC_TABLE: readonly Field[] = (
  ":authority|:method=GET|:method=POST|:path=/|:path=/index.html|:scheme=http|:scheme=https|:status=200|:status=204|" +
  ":status=206|:status=304|:status=400|:status=404|:status=500|accept-charset|accept-encoding=gzip, deflate|" +
  "accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|" +
  "content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|" +
  "cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|" +
  "last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|" +
  "server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate"
)
  .split("|")
  .map((entry) => {
    const equals = entry.indexOf("=");
    return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
  });
const ENTRY_OVERHEAD = 32;
const DEFAULT_TABLE_BYTES = 4096;

/** Encodes fields as literals that are not indexed, without Huffman: every byte is where it is looked for. */
export function encodeFields(fields: readonly Field[]): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of fields) {
    for (const text of [name, value]) {
      const bytes = Buffer.from(text, "latin1");
      parts.push(encodeInteger(bytes.length, 7, 0), bytes);
    }
  }
  // A literal's first byte is zero, in front of each name.
  return Buffer.concat(
    parts.flatMap((part, index) => (index % 4 === 0 ? [Buffer.of(0), part] : [part])),
  );
}

/** An integer with a prefix of so many bits (RFC 7541, section 5.1); `flags` are the bits above it. */
function encodeInteger(value: number, prefixBits: number, flags: number): Buffer {
  const max = 2 ** prefixBits - 1;
  if (value < max) return Buffer.of(flags | value);
  const bytes = [flags | max];
  let rest = value - max;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** Decodes the header blocks of one direction of one connection. It watches: nothing but what it cannot read is an error. */
export class HpackDecoder {
  readonly #dynamic: Field[] = [];
  #bytes = 0;
  #bytesMax = DEFAULT_TABLE_BYTES;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;

  /** The fields of one whole block, in order. Throws on what is no header block. */
  decode(block: Buffer): Field[] {
    this.#block = block;
    this.#at = 0;
    const fields: Field[] = [];
    while (this.#at < block.length) {
      const field = this.#next(block[this.#at]!);
      if (field !== null) fields.push(field);
    }
    return fields;
  }

  /** One field, or null for a change of the table's size. */
  #next(first: number): Field | null {
    if ((first & 0x80) !== 0) return this.#entry(this.#integer(7));
    if ((first & 0x40) !== 0) {
      const field = this.#literal(6);
      this.#insert(field);
      return field;
    }
    if ((first & 0x20) === 0) return this.#literal(4);
    this.#bytesMax = this.#integer(5);
    this.#evict();
    return null;
  }

  #literal(prefixBits: number): Field {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    return [name, this.#string()];
  }

  #entry(index: number): Field {
    const field = STATIC_TABLE[index - 1] ?? this.#dynamic[index - 1 - STATIC_TABLE.length];
    if (field === undefined) throw new Error(`no header field has the index ${index}`);
    return field;
  }

  #insert(field: Field): void {
    this.#dynamic.unshift(field);
    this.#bytes += sizeOf(field);
    this.#evict();
  }

  #evict(): void {
    while (this.#bytes > this.#bytesMax) this.#bytes -= sizeOf(this.#dynamic.pop()!);
  }

  #string(): string {
    const isHuffman = (this.#byte(this.#at) & 0x80) !== 0;
    const length = this.#integer(7);
    const bytes = this.#block.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new Error("a string ends behind its header block");
    this.#at += length;
    return isHuffman ? decodeHuffman(bytes) : bytes.toString("latin1");
  }

  #integer(prefixBits: number): number {
    const max = 2 ** prefixBits - 1;
    let value = this.#byte(this.#at++) & max;
    if (value < max) return value;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte(this.#at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  #byte(at: number): number {
    const byte = this.#block[at];
    if (byte === undefined) throw new Error("an integer ends behind its header block");
    return byte;
  }
}

function sizeOf([name, value]: Field): number {
  return name.length + value.length + ENTRY_OVERHEAD;
}
