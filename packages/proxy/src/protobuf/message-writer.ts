import { makeUtf8 } from "./make-utf8.ts";

/** How a field's value is laid out (protobuf encoding, "Message Structure"). */
const WireType = { Varint: 0, I64: 1, Len: 2 } as const;

const INITIAL_BYTES = 1024;
const VARINT_BYTES_MAX = 10;
/** Above it a number has bits that a shift loses. */
const UINT32_MAX = 0xffff_ffff;

/**
 * Writes protobuf messages by hand, field by field, for threads that have no descriptors. Fields are given by their numbers;
 * whoever writes a message is tested against its descriptor. A scalar that is 0, false or empty is left out, as in
 * proto3; fields with presence are written by `message` and its like. Texts are byte strings, and become valid UTF-8.
 *
 *     const point = writer.begin(3);
 *     writer.uint(1, 80);
 *     writer.end(point);
 */
export class MessageWriter {
  #buffer: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** What was written: a view, until the next write. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Forgets what was written; the memory stays. */
  clear(): void {
    this.#length = 0;
  }

  /** Takes back what was written beyond `length`. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** An unsigned whole number below 2^53, or an enum value: `uint32`, `uint64`, `int64` of no negative value. */
  uint(field: number, value: number): void {
    if (value === 0) return;
    this.presentUint(field, value);
  }

  /** The same where 0 is a value, too: the field of a wrapper, or of a oneof. */
  presentUint(field: number, value: number): void {
    this.#tag(field, WireType.Varint);
    this.#varint(value);
  }

  bool(field: number, value: boolean): void {
    if (value) this.presentBool(field, true);
  }

  presentBool(field: number, value: boolean): void {
    this.#tag(field, WireType.Varint);
    this.#varint(value ? 1 : 0);
  }

  /** Written even when it is 0. */
  presentDouble(field: number, value: number): void {
    this.#tag(field, WireType.I64);
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  string(field: number, text: string): void {
    if (text !== "") this.presentString(field, text);
  }

  presentString(field: number, text: string): void {
    this.#tag(field, WireType.Len);
    this.#varint(text.length);
    this.#reserve(text.length);
    const from = this.#length;
    this.#length += this.#buffer.write(text, from, "latin1");
    makeUtf8(this.#buffer.subarray(from, this.#length));
  }

  /** A message that is encoded already, or bytes; written even when it is empty. */
  presentBytes(field: number, bytes: Uint8Array): void {
    this.#tag(field, WireType.Len);
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Begins a message in a field; what is written until `end` is in it. */
  begin(field: number): number {
    this.#tag(field, WireType.Len);
    this.#reserve(1);
    return ++this.#length;
  }

  /** Ends the message that `begin` gave this number for. */
  end(from: number): void {
    const size = this.#length - from;
    if (size < 0x80) {
      this.#buffer[from - 1] = size;
      return;
    }
    // There was room for one byte of its length.
    const lengthBytes = varintBytes(size);
    this.#reserve(lengthBytes - 1);
    this.#buffer.copyWithin(from + lengthBytes - 1, from, this.#length);
    this.#length = from - 1;
    this.#varint(size);
    this.#length += size;
  }

  #tag(field: number, wireType: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    const buffer = this.#buffer;
    let left = value;
    while (left > UINT32_MAX) {
      buffer[this.#length++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    while (left >= 0x80) {
      buffer[this.#length++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    buffer[this.#length++] = left;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, needed));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) bytes++;
  return bytes;
}
