/** One value of DER (X.690), in a buffer that holds it. */
export interface DerValue {
  /** The identifier octet: class, constructed bit and number below 31. */
  readonly tag: number;
  /** What is inside. */
  readonly content: Buffer;
  /** Identifier, length and content. */
  readonly encoded: Buffer;
}

export const DER = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** What is no DER, or not the DER that was expected. */
export class DerError extends Error {}

/**
 * The value that begins at `start`.
 * @throws DerError
 */
export function readDer(bytes: Buffer, start = 0): DerValue {
  const tag = bytes[start];
  let length = bytes[start + 1];
  if (tag === undefined || length === undefined) throw new DerError("value ends early");
  if ((tag & 0x1f) === 0x1f) throw new DerError("tag number above 30");
  let at = start + 2;
  if (length >= 0x80) {
    const octets = length - 0x80;
    if (octets === 0 || octets > 4 || at + octets > bytes.length)
      throw new DerError("length out of range");
    length = bytes.readUIntBE(at, octets);
    at += octets;
  }
  const end = at + length;
  if (end > bytes.length) throw new DerError("value ends early");
  return { tag, content: bytes.subarray(at, end), encoded: bytes.subarray(start, end) };
}

/**
 * The values inside of a constructed one, in order.
 * @throws DerError
 */
export function derChildren(value: DerValue): DerValue[] {
  const children: DerValue[] = [];
  for (let at = 0; at < value.content.length;) {
    const child = readDer(value.content, at);
    children.push(child);
    at += child.encoded.length;
  }
  return children;
}

/**
 * A value that has to be there.
 * @throws DerError
 */
export function expectDer(value: DerValue | undefined): DerValue {
  if (value === undefined) throw new DerError("value ends early");
  return value;
}

/**
 * The first value inside of a constructed one.
 * @throws DerError
 */
export function firstDer(value: DerValue): DerValue {
  return expectDer(derChildren(value)[0]);
}

/** `1.2.840.113549` of an object identifier's content. */
export function oidText(content: Buffer): string {
  const parts: number[] = [];
  let part = 0;
  for (const byte of content) {
    part = part * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (parts.length > 0) parts.push(part);
    else
      parts.push(
        Math.min(2, Math.floor(part / 40)),
        part - 40 * Math.min(2, Math.floor(part / 40)),
      );
    part = 0;
  }
  return parts.join(".");
}

/** UTCTime or GeneralizedTime in milliseconds since the epoch; NaN for what is neither. */
export function derTimeMs({ tag, content }: DerValue): number {
  const text = content.latin1Slice(0, content.length);
  const digits = tag === DER.utcTime ? centuryOf(text) + text : text;
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(digits);
  if (match === null) return NaN;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}

/** RFC 5280, 4.1.2.5.1: two digits below 50 are of this century. */
function centuryOf(text: string): string {
  return Number(text.slice(0, 2)) < 50 ? "20" : "19";
}
