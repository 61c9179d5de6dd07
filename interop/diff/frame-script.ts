import {
  encodeFrame,
  encodeSettings,
  ERROR_CODES,
  FLAGS,
  FRAME_TYPES,
  word,
  type Frame,
} from "../harness/http2/frames.ts";
import { encodeFields, type Field } from "../harness/http2/hpack.ts";

/** `name: value`, or both apart where a name may hold anything. */
export type FieldText = string | readonly [name: string, value: string];

/** One HTTP/2 frame as a case writes it; what is not written is zero or empty. */
export interface FrameScript {
  /** A name of RFC 9113 or a number. */
  type?: keyof typeof FRAME_TYPES | number;
  stream?: number;
  /** Names or numbers. */
  flags?: (keyof typeof FLAGS | number)[];
  /** The payload: a header block of literals that are not indexed. */
  headers?: FieldText[];
  /** The payload of SETTINGS. */
  settings?: { [name: string]: number };
  /** The payload of WINDOW_UPDATE. */
  increment?: number;
  /** The payload of RST_STREAM, and with `last_stream` of GOAWAY; a name or a number. */
  code?: string | number;
  last_stream?: number;
  /** The payload, Latin-1; behind what the fields above make. */
  payload?: string;
  /** The same in hexadecimal digits. */
  hex?: string;
  /** Another length than the payload's. */
  length?: number;
  /** So often, each time `stream_step` streams on. */
  repeat?: number;
  stream_step?: number;
  /** Bytes that are no frame, Latin-1, instead of all that. */
  raw?: string;
}

/** The bytes of frames, in order; `stream` is that of frames which name none. */
export function framesToBytes(frames: readonly FrameScript[], stream = 0): Buffer {
  return Buffer.concat(frames.flatMap((frame) => oneScript(frame, stream)));
}

/** Splits `name: value`; the first character may be a colon. */
export function toField(text: FieldText): Field {
  if (typeof text !== "string") return text;
  const colon = text.indexOf(":", 1);
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1).trim()];
}

/** An error code's number. */
export function toErrorCode(code: string | number): number {
  const known = (ERROR_CODES as readonly string[]).indexOf(String(code));
  return known < 0 ? Number(code) : known;
}

function oneScript(script: FrameScript, stream: number): Buffer[] {
  if (script.raw !== undefined) return [Buffer.from(script.raw, "latin1")];
  const { type = "DATA", flags = [], repeat = 1, stream_step = 0 } = script;
  const frame: Frame = {
    type: typeof type === "number" ? type : FRAME_TYPES[type],
    flags: flags.reduce<number>(
      (bits, flag) => bits | (typeof flag === "number" ? flag : FLAGS[flag]),
      0,
    ),
    stream: script.stream ?? stream,
    payload: payloadOf(script),
  };
  return Array.from({ length: repeat }, (_, index) =>
    encodeFrame({ ...frame, stream: frame.stream + index * stream_step }, script.length),
  );
}

function payloadOf(script: FrameScript): Buffer {
  const parts: Buffer[] = [];
  if (script.headers !== undefined) parts.push(encodeFields(script.headers.map(toField)));
  if (script.settings !== undefined) parts.push(encodeSettings(script.settings));
  if (script.last_stream !== undefined) parts.push(word(script.last_stream));
  if (script.code !== undefined) parts.push(word(toErrorCode(script.code)));
  if (script.increment !== undefined) parts.push(word(script.increment));
  if (script.payload !== undefined) parts.push(Buffer.from(script.payload, "latin1"));
  if (script.hex !== undefined) parts.push(Buffer.from(script.hex, "hex"));
  return Buffer.concat(parts);
}
