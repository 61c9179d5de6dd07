import {
  FRAME_HEAD_BYTES,
  FrameFlag,
  frameHead,
  FrameType,
} from "../../../packages/codec/src/http2/frames.ts";
import { HpackEncoder } from "../../../packages/codec/src/http2/hpack/encoder.ts";

/** A frame as it is written; nothing has to be right about it. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** The frames of a part of a connection. What is no whole frame at its end becomes one. */
export function parseFrames(input: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + FRAME_HEAD_BYTES <= input.length;) {
    const payloadStart = at + FRAME_HEAD_BYTES;
    const end = payloadStart + input.readUIntBE(at, 3);
    frames.push({
      type: input[at + 3]!,
      flags: input[at + 4]!,
      streamId: input.readUInt32BE(at + 5),
      payload: input.subarray(payloadStart, end),
    });
    at = end;
  }
  return frames;
}

export function writeFrames(frames: readonly Frame[]): Buffer {
  return Buffer.concat(
    frames.flatMap(({ type, flags, streamId, payload }) => [
      Buffer.from(frameHead(payload.length, type, flags, streamId), "latin1"),
      payload,
    ]),
  );
}

export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Buffer | string = "",
): Frame {
  const bytes = typeof payload === "string" ? Buffer.from(payload, "latin1") : payload;
  return { type, flags, streamId, payload: bytes };
}

/** A HEADERS frame with all of a section. */
export function headersFrame(
  streamId: number,
  fields: readonly (readonly [name: string, value: string])[],
  endStream: boolean,
): Frame {
  const encoder = new HpackEncoder();
  const block = fields.reduce(
    (text, [name, value]) => encoder.add(text, name, value),
    encoder.begin(),
  );
  const flags = FrameFlag.EndHeaders | (endStream ? FrameFlag.EndStream : 0);
  return frame(FrameType.Headers, flags, streamId, block);
}

/** Numbers as octets, the highest first: pairs of bytes each and value. */
export function octets(...parts: readonly (readonly [bytes: number, value: number])[]): Buffer {
  return Buffer.concat(
    parts.map(([bytes, value]) => {
      const part = Buffer.alloc(bytes);
      part.writeUIntBE(value, 0, bytes);
      return part;
    }),
  );
}
