/** How a field's value is laid out (protobuf encoding, "Message Structure"). */
const WireType = { Varint: 0, I64: 1, Len: 2, StartGroup: 3, EndGroup: 4, I32: 5 } as const;

const VARINT_BYTES_MAX = 10;
const GROUPS_MAX = 100;
const FIELD_MAX = 2 ** 29 - 1;

/**
 * Reads a protobuf message by hand, field by field, for threads that have no descriptors. Whoever reads takes the fields that
 * it knows by number and layout; the others are passed over.
 *
 *     while (reader.next()) if (reader.field === 1 && reader.bytes !== null) …
 */
export class MessageReader {
  /** The number of the field. */
  field = 0;
  /** Its value where that is a varint, as an unsigned number; above 2^53 it is not exact. Null for another layout. */
  varint: number | null = null;
  /** Its value where that has a length: a view. Null for another layout. */
  bytes: Buffer | null = null;
  /** Its value where that is a double. Null for another layout. */
  double: number | null = null;
  /** What was read is no message. */
  malformed = false;
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  /** Goes on to the next field; false at the end, and where there is none. */
  next(): boolean {
    if (this.malformed || this.#at === this.#buffer.length) return false;
    this.varint = null;
    this.bytes = null;
    this.double = null;
    const tag = this.#varint();
    const type = tag % 8;
    this.field = Math.floor(tag / 8);
    if (!isField(this.field) || type === WireType.EndGroup) this.malformed = true;
    else this.#value(type, 0);
    return !this.malformed;
  }

  #value(type: number, depth: number): void {
    switch (type) {
      case WireType.Varint:
        this.varint = this.#varint();
        break;
      case WireType.I64:
        this.double = this.#double();
        break;
      case WireType.I32:
        this.#take(4);
        break;
      case WireType.Len:
        this.bytes = this.#take(this.#varint());
        break;
      case WireType.StartGroup:
        this.#skipGroup(this.field, depth + 1);
        this.varint = null;
        this.bytes = null;
        this.double = null;
        break;
      default:
        this.malformed = true;
    }
  }

  /** Groups are no longer in use; old messages may have them. */
  #skipGroup(group: number, depth: number): void {
    if (depth > GROUPS_MAX) this.malformed = true;
    while (!this.malformed) {
      const tag = this.#varint();
      const field = Math.floor(tag / 8);
      if (!isField(field)) this.malformed = true;
      if (this.malformed) return;
      if (tag % 8 === WireType.EndGroup) {
        this.malformed = field !== group;
        return;
      }
      if (tag % 8 === WireType.StartGroup) this.#skipGroup(field, depth + 1);
      else this.#value(tag % 8, depth);
    }
  }

  #take(length: number): Buffer {
    const from = this.#at;
    if (length > this.#buffer.length - from) this.malformed = true;
    else this.#at += length;
    return this.#buffer.subarray(from, this.#at);
  }

  #double(): number {
    const bytes = this.#take(8);
    return bytes.length < 8 ? 0 : bytes.readDoubleLE();
  }

  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.#buffer[this.#at];
      if (byte === undefined) break;
      this.#at++;
      // Of the last one there is room for a bit.
      value += (byte & (i === VARINT_BYTES_MAX - 1 ? 1 : 0x7f)) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
    this.malformed = true;
    return 0;
  }
}

function isField(number: number): boolean {
  return number > 0 && number <= FIELD_MAX;
}
