import { FrameFlag, FrameType } from "../../../packages/codec/src/http2/frames.ts";
import { frame, headersFrame, octets, writeFrames, type Frame } from "./http2-frames.ts";

type Fields = readonly (readonly [name: string, value: string])[];

const POST: Fields = [
  [":method", "POST"],
  [":scheme", "http"],
  [":authority", "a.test"],
  [":path", "/"],
];
const OK: Fields = [[":status", "200"]];
const SETTINGS = frame(FrameType.Settings, 0, 0);
const { EndHeaders, EndStream, Padded } = FrameFlag;

const times = (count: number, make: (i: number) => readonly Frame[]): readonly Frame[] =>
  Array.from({ length: count }, (_, i) => make(i)).flat();
const id = (i: number): number => 2 * i + 1;
const window = (streamId: number, bytes: number): Frame =>
  frame(FrameType.WindowUpdate, 0, streamId, octets([4, bytes]));
const reset = (streamId: number): Frame => frame(FrameType.RstStream, 0, streamId, octets([4, 8]));
/** A field that goes into the table, and so many references to it. */
const bomb = (references: number): string =>
  `\x40\x01x\x40${"b".repeat(64)}${"\xbe".repeat(references)}`;
const CONTINUATION = frame(FrameType.Continuation, 0, 1, "\0\x01a\x01b");

/** What anybody may send who wants a connection to cost more than it should. */
const BY_ANYBODY: readonly (readonly Frame[])[] = [
  times(6, () => [frame(FrameType.Ping, 0, 0, "12345678")]),
  times(6, () => [SETTINGS]),
  times(6, () => [frame(FrameType.Priority, 0, 9, octets([4, 0], [1, 16]))]),
  times(12, () => [window(0, 1)]),
  times(3, () => [frame(0x42, 0xff, 3, "what")]),
  times(3, (i) => [frame(FrameType.GoAway, 0, 0, octets([4, 5 - 2 * i], [4, 0]))]),
  [window(0, 0x7fffffff)],
  times(4, (i) => [frame(FrameType.Settings, 0, 0, octets([2, 4], [4, 1000 * i]))]),
];

/** The same of a client, behind its preface: what became known by name. */
export const REQUEST_ATTACKS: readonly Buffer[] = [
  ...BY_ANYBODY,
  // Rapid reset, and what makes the server reset.
  times(6, (i) => [headersFrame(id(i), POST, false), reset(id(i))]),
  times(6, (i) => [headersFrame(id(i), POST, false), window(id(i), 0)]),
  times(6, (i) => [headersFrame(id(i), POST, true), frame(FrameType.Data, 0, id(i), "x")]),
  times(6, (i) => [
    headersFrame(id(i), [...POST, ["content-length", "1"]], false),
    frame(FrameType.Data, 0, id(i), "xx"),
  ]),
  times(6, (i) => [headersFrame(id(i), POST, false), window(id(i), 0x7fffffff)]),
  times(6, (i) => [
    headersFrame(id(i), POST, false),
    frame(FrameType.Priority, 0, id(i), octets([4, id(i)], [1, 16])),
  ]),
  // More streams than may be, blocks that do not end, empty frames, blocks that grow.
  times(8, (i) => [headersFrame(id(i), POST, false)]),
  [
    frame(FrameType.Headers, EndStream, 1, "\x82\x86\x84\x41\x01a"),
    ...times(90, () => [CONTINUATION]),
  ],
  [
    frame(FrameType.Headers, EndStream, 1, "\x82"),
    ...times(3, () => [frame(FrameType.Continuation, 0, 1)]),
  ],
  [headersFrame(1, POST, false), ...times(3, () => [frame(FrameType.Data, 0, 1)])],
  [headersFrame(1, POST, false), ...times(3, () => [frame(FrameType.Data, Padded, 1, "\x02\0\0")])],
  times(3, (i) => [
    frame(FrameType.Headers, EndHeaders | EndStream, id(i), `\x82\x86\x84\x41\x01a${bomb(60)}`),
  ]),
].map((frames) => writeFrames([SETTINGS, ...frames]));

/** The same of a server, to requests on the streams 1, 3 and 5. */
export const RESPONSE_ATTACKS: readonly Buffer[] = [
  ...BY_ANYBODY,
  times(110, () => [headersFrame(1, [[":status", "103"]], false)]),
  [frame(FrameType.Headers, 0, 1, "\x88"), ...times(90, () => [CONTINUATION])],
  [
    headersFrame(1, OK, false),
    frame(FrameType.Headers, EndStream, 1, ""),
    ...times(90, () => [CONTINUATION]),
  ],
  [headersFrame(1, OK, false), ...times(3, () => [frame(FrameType.Data, 0, 1)])],
  [frame(FrameType.Headers, EndHeaders, 1, `\x88${bomb(60)}`)],
  [frame(FrameType.PushPromise, EndHeaders, 1, Buffer.concat([octets([4, 2]), octets([1, 0x82])]))],
  times(3, (i) => [reset(id(i))]),
].map((frames) => writeFrames([SETTINGS, ...frames]));
