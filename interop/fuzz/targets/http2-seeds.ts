import { FrameFlag, FrameType } from "../../../packages/codec/src/http2/frames.ts";
import { frame, headersFrame, octets, writeFrames } from "./http2-frames.ts";

type Fields = readonly (readonly [name: string, value: string])[];

const REQUEST: Fields = [
  [":method", "POST"],
  [":scheme", "http"],
  [":authority", "a.test"],
  [":path", "/"],
  ["x-own", "value"],
];
const SETTINGS = frame(FrameType.Settings, 0, 0);
const SETTINGS_ACK = frame(FrameType.Settings, FrameFlag.Ack, 0);
const SMALL_WINDOWS = frame(FrameType.Settings, 0, 0, octets([2, 4], [4, 100], [2, 1], [4, 0]));
const window = (streamId: number, bytes: number) =>
  frame(FrameType.WindowUpdate, 0, streamId, octets([4, bytes]));
const end = FrameFlag.EndStream;

/** What a client sends behind its preface. */
export const REQUEST_FRAMES: readonly Buffer[] = [
  [
    SETTINGS,
    SETTINGS_ACK,
    headersFrame(1, REQUEST, false),
    frame(FrameType.Data, 0, 1, "hello"),
    frame(FrameType.Data, end | FrameFlag.Padded, 1, "\x03world\0\0\0"),
    headersFrame(3, REQUEST, true),
  ],
  [
    SMALL_WINDOWS,
    headersFrame(1, [...REQUEST, ["content-length", "5"]], false),
    frame(FrameType.Data, 0, 1, "hello"),
    headersFrame(1, [["x-trailer", "value"]], true),
    window(1, 100),
    window(0, 1000),
    window(1, 1000),
  ],
  // More answers than the connection's window lets out.
  [
    SETTINGS,
    ...[1, 3, 5, 7].map((streamId) => headersFrame(streamId, REQUEST, streamId > 3)),
    window(0, 10_000),
    frame(FrameType.RstStream, 0, 5, octets([4, 8])),
    window(0, 20_000),
    frame(FrameType.Data, end, 1, "hello"),
    window(0, 0x100000),
  ],
  [
    SETTINGS,
    frame(FrameType.Ping, 0, 0, "12345678"),
    frame(FrameType.Priority, 0, 1, octets([4, 0], [1, 16])),
    headersFrame(1, REQUEST, false),
    frame(FrameType.RstStream, 0, 1, octets([4, 8])),
    frame(FrameType.GoAway, 0, 0, octets([4, 0], [4, 0])),
  ],
].map(writeFrames);

/** What a server sends to somebody who has sent requests on the streams 1 (GET), 3 (POST) and 5 (HEAD). */
export const RESPONSE_FRAMES: readonly Buffer[] = [
  [
    SETTINGS,
    SETTINGS_ACK,
    headersFrame(
      1,
      [
        [":status", "103"],
        ["link", "</a>"],
      ],
      false,
    ),
    headersFrame(
      1,
      [
        [":status", "200"],
        ["content-length", "5"],
      ],
      false,
    ),
    frame(FrameType.Data, end, 1, "hello"),
    headersFrame(
      5,
      [
        [":status", "200"],
        ["content-length", "5"],
      ],
      true,
    ),
  ],
  [
    SMALL_WINDOWS,
    headersFrame(3, [[":status", "200"]], false),
    frame(FrameType.Data, 0, 3, "hello"),
    headersFrame(3, [["grpc-status", "0"]], true),
    window(3, 1000),
    frame(FrameType.RstStream, 0, 3, octets([4, 0])),
  ],
  [
    SETTINGS,
    frame(FrameType.Ping, FrameFlag.Ack, 0, "12345678"),
    frame(FrameType.GoAway, 0, 0, octets([4, 1], [4, 0])),
    headersFrame(1, [[":status", "204"]], true),
  ],
].map(writeFrames);

/** Heads of frames and numbers that mean something. */
export const HTTP2_DICTIONARY: readonly Buffer[] = [
  ..."000000000000000000 000000040000000000 000000040100000000 000004080000000000 000008060000000000".split(
    " ",
  ),
  ..."000004030000000001 000000000100000001 7fffffff ffffffff 00004000 00004001 82868441".split(
    " ",
  ),
].map((hex) => Buffer.from(hex, "hex"));
