import { FIELD_CLASSIFIER } from "../field-facts.ts";
import { FrameFlag, frameHead, FrameType, uint32Text, CLIENT_PREFACE } from "../frames.ts";
import { HpackDecoder } from "../hpack/decoder.ts";

export { CLIENT_PREFACE, FrameFlag, FrameType, uint32Text };

/** Fields of a section, in order. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** A plain request; tests change parts of it. */
export const GET: Fields = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/x"],
  [":authority", "a.test"],
];
export const POST: Fields = [[":method", "POST"], ...GET.slice(1)];
export const OK: Fields = [[":status", "200"]];

/** What a client sends before anything else. */
export const PREFACE: string = CLIENT_PREFACE + frame(FrameType.Settings, 0, 0, "");
/** What a server sends before anything else. */
export const SETTINGS: string = frame(FrameType.Settings, 0, 0, "");

/** A frame, as Latin-1 text. */
export function frame(type: number, flags: number, streamId: number, payload: string): string {
  return frameHead(payload.length, type, flags, streamId) + payload;
}

/** Fields as literals without indexing, none of it Huffman coded: independent of tables, and of the encoder under test. */
export function block(fields: Fields): string {
  return fields.map(([name, value]) => `\0${literal(name)}${literal(value)}`).join("");
}

/** A whole section in one frame. */
export function headers(streamId: number, fields: Fields, endStream = true): string {
  const flags = FrameFlag.EndHeaders | (endStream ? FrameFlag.EndStream : 0);
  return frame(FrameType.Headers, flags, streamId, block(fields));
}

/** A DATA frame without padding. */
export function data(streamId: number, payload: string, endStream = true): string {
  return frame(FrameType.Data, endStream ? FrameFlag.EndStream : 0, streamId, payload);
}

/** A RST_STREAM frame. */
export function rstStream(streamId: number, code: number): string {
  return frame(FrameType.RstStream, 0, streamId, uint32Text(code));
}

/** A WINDOW_UPDATE frame; stream 0 is the connection. */
export function windowUpdate(streamId: number, increment: number): string {
  return frame(FrameType.WindowUpdate, 0, streamId, uint32Text(increment));
}

/** A GOAWAY frame without debug data. */
export function goAway(lastStreamId: number, code: number): string {
  return frame(FrameType.GoAway, 0, 0, uint32Text(lastStreamId) + uint32Text(code));
}

/** SETTINGS by identifier and value. */
export function settings(...pairs: readonly (readonly [id: number, value: number])[]): string {
  const payload = pairs.map(([id, value]) => `\0${String.fromCharCode(id)}${uint32Text(value)}`);
  return frame(FrameType.Settings, 0, 0, payload.join(""));
}

/** What a codec wrote, a line a frame, header blocks decoded. Blocks must be in one output from its beginning. */
export function readFrames(output: string): string[] {
  const bytes = Buffer.from(output, "latin1");
  const decoder = new HpackDecoder(FIELD_CLASSIFIER);
  const lines: string[] = [];
  let fragments = "";
  let at = output.startsWith(CLIENT_PREFACE) ? CLIENT_PREFACE.length : 0;
  if (at > 0) lines.push("preface");
  while (at < bytes.length) {
    const length = bytes.readUIntBE(at, 3);
    const type = bytes[at + 3]!;
    const flags = bytes[at + 4]!;
    const streamId = bytes.readUInt32BE(at + 5);
    const payload = bytes.subarray(at + 9, at + 9 + length);
    if (payload.length !== length) throw new Error("the output ends inside a frame");
    at += 9 + length;
    let line = `${NAMES[type] ?? type} ${streamId}`;
    const end = flags & FrameFlag.EndStream ? " END" : "";
    switch (type) {
      case FrameType.Data:
        line += ` ${length > 64 ? `${length} bytes` : JSON.stringify(payload.toString("latin1"))}${end}`;
        break;
      case FrameType.Headers:
      case FrameType.Continuation:
        fragments += payload.toString("latin1");
        line += flags & FrameFlag.EndHeaders ? ` ${fieldsOf(decoder, fragments)}` : " …";
        if (flags & FrameFlag.EndHeaders) fragments = "";
        if (type === FrameType.Headers) line += end;
        break;
      case FrameType.RstStream:
      case FrameType.WindowUpdate:
        line += ` ${payload.readUInt32BE(0)}`;
        break;
      case FrameType.GoAway:
        line = `GOAWAY ${payload.readUInt32BE(0)} ${payload.readUInt32BE(4)}`;
        break;
      case FrameType.Settings:
        line = flags & FrameFlag.Ack ? "SETTINGS ACK" : `SETTINGS${settingsOf(payload)}`;
        break;
      case FrameType.Ping:
        line = `PING ${JSON.stringify(payload.toString("latin1"))}${flags & FrameFlag.Ack ? " ACK" : ""}`;
        break;
    }
    lines.push(line);
  }
  return lines;
}

const NAMES = [
  "DATA",
  "HEADERS",
  "PRIORITY",
  "RST",
  "",
  "",
  "",
  "",
  "WINDOW_UPDATE",
  "CONTINUATION",
];

function fieldsOf(decoder: HpackDecoder, text: string): string {
  const fields: string[] = [];
  const bytes = Buffer.from(text, "latin1");
  const error = decoder.decode(bytes, 0, bytes.length, {
    onField(name, value) {
      fields.push(`${name}=${value}`);
      return true;
    },
  });
  if (error !== null) throw new Error(error.message);
  return fields.join(",");
}

function settingsOf(payload: Buffer): string {
  let line = "";
  for (let at = 0; at < payload.length; at += 6)
    line += ` ${payload.readUInt16BE(at)}=${payload.readUInt32BE(at + 2)}`;
  return line;
}

/** A string literal (RFC 7541 5.2), not Huffman coded. */
function literal(value: string): string {
  if (value.length < 127) return String.fromCharCode(value.length) + value;
  let rest = value.length - 127;
  let length = "\x7f";
  while (rest >= 128) {
    length += String.fromCharCode((rest & 127) | 128);
    rest >>>= 7;
  }
  return length + String.fromCharCode(rest) + value;
}
