/** Frame types (RFC 9113, section 6) by name. */
export const FRAME_TYPES = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** Flags by name; ACK and END_STREAM are the same bit of different frames. */
export const FLAGS = { END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 32 } as const;

/** Error codes (section 7), each at its place. */
export const ERROR_CODES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;

/** Settings (section 6.5.2; RFC 8441; RFC 9218), each at its place. */
const SETTINGS = [
  "",
  "HEADER_TABLE_SIZE",
  "ENABLE_PUSH",
  "MAX_CONCURRENT_STREAMS",
  "INITIAL_WINDOW_SIZE",
  "MAX_FRAME_SIZE",
  "MAX_HEADER_LIST_SIZE",
  "",
  "ENABLE_CONNECT_PROTOCOL",
  "NO_RFC7540_PRIORITIES",
] as const;

/** What a client says first (section 3.4). */
export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

const HEAD_BYTES = 9;

/** One frame as it was on the wire. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The bytes of a frame; `length` may lie. */
export function encodeFrame(frame: Frame, length: number = frame.payload.length): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(length, 0, 3);
  head[3] = frame.type;
  head[4] = frame.flags;
  head.writeUInt32BE(frame.stream >>> 0, 5);
  return Buffer.concat([head, frame.payload]);
}

/** A 32-bit number as a payload: an error code or a window's increment. */
export function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** The payload of a SETTINGS frame; a name may be a number. */
export function encodeSettings(settings: { readonly [name: string]: number }): Buffer {
  const parts = Object.entries(settings).map(([name, value]) => {
    const known = (SETTINGS as readonly string[]).indexOf(name);
    const id = Buffer.alloc(2);
    id.writeUInt16BE(known > 0 ? known : Number(name));
    return Buffer.concat([id, word(value)]);
  });
  return Buffer.concat(parts);
}

/** The settings of a payload in order, by name where they have one. */
export function decodeSettings(payload: Buffer): [name: string, value: number][] {
  const settings: [string, number][] = [];
  for (let at = 0; at + 6 <= payload.length; at += 6) {
    const id = payload.readUInt16BE(at);
    const name = SETTINGS[id] ?? "";
    settings.push([name === "" ? String(id) : name, payload.readUInt32BE(at + 2)]);
  }
  return settings;
}

/** An error code by name, or the number of one that has none. */
export function errorName(code: number): string {
  return ERROR_CODES[code] ?? String(code);
}

/** Cuts a byte stream into frames. What is left at the end stays in `rest`. */
export class FrameReader {
  rest: Buffer = Buffer.alloc(0);

  push(data: Buffer): void {
    this.rest = this.rest.length === 0 ? Buffer.from(data) : Buffer.concat([this.rest, data]);
  }

  /** Null when more bytes are needed. */
  next(): Frame | null {
    if (this.rest.length < HEAD_BYTES) return null;
    const end = HEAD_BYTES + this.rest.readUIntBE(0, 3);
    if (this.rest.length < end) return null;
    const frame = {
      type: this.rest[3]!,
      flags: this.rest[4]!,
      stream: this.rest.readUInt32BE(5) & 0x7fffffff,
      payload: this.rest.subarray(HEAD_BYTES, end),
    };
    this.rest = this.rest.subarray(end);
    return frame;
  }
}

/** A payload without its padding and, of HEADERS, its priority. */
export function unpad(frame: Frame): Buffer {
  let { payload } = frame;
  if ((frame.flags & FLAGS.PADDED) !== 0)
    payload = payload.subarray(1, payload.length - (payload[0] ?? 0));
  const hasPriority = frame.type === FRAME_TYPES.HEADERS && (frame.flags & FLAGS.PRIORITY) !== 0;
  return hasPriority ? payload.subarray(5) : payload;
}
