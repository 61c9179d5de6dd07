import { FrameFlag, FrameType } from "../../../packages/codec/src/http2/frames.ts";
import type { Random } from "../../harness/random.ts";
import { INPUT_BYTES_MAX, mutateBytes } from "../mutate-bytes.ts";
import type { Mutate } from "../target.ts";
import {
  type Frame,
  frame,
  headersFrame,
  octets,
  parseFrames,
  writeFrames,
} from "./http2-frames.ts";

const EDITS_MAX = 3;
const FLAGS = [
  FrameFlag.EndStream,
  FrameFlag.EndHeaders,
  FrameFlag.Padded,
  FrameFlag.Priority,
  0xff,
];
const STREAM_IDS = [0, 1, 2, 3, 5, 7, 9, 11, 0x7fff_ffff];
const NUMBERS = [0, 1, 2, 100, 4096, 16_383, 16_384, 65_535, 16_777_215, 0x7fff_ffff, 0xffff_ffff];
const NAMES = [
  ..."content-length cookie te connection host x-own x_own expect upgrade transfer-encoding".split(
    " ",
  ),
  ...":method :path :scheme :authority :status :protocol :other".split(" "),
];
const VALUES = [
  "",
  "0",
  "3",
  "GET",
  "POST",
  "HEAD",
  "CONNECT",
  "/",
  "*",
  "http",
  "a.test",
  "200",
  "103",
  "trailers",
];

/** Edits a list of frames in place. */
type Edit = (frames: Frame[], at: number, other: readonly Frame[], random: Random) => void;

/** Mutates a connection of HTTP/2 frame by frame; its first `prefixBytes` stay. */
export function frameMutator(prefixBytes: number): Mutate {
  return (input, other, random) => {
    const frames = parseFrames(input.subarray(prefixBytes));
    const others = parseFrames(other.subarray(prefixBytes));
    for (let edits = 1 + random.below(EDITS_MAX); edits > 0; edits--) {
      const edit = frames.length === 0 ? insertFrame : random.pick(EDITS);
      edit(frames, random.below(Math.max(1, frames.length)), others, random);
    }
    const result = Buffer.concat([input.subarray(0, prefixBytes), writeFrames(frames)]);
    return result.subarray(0, INPUT_BYTES_MAX);
  };
}

const EDITS: readonly Edit[] = [
  insertFrame,
  insertFrame,
  insertHeaders,
  insertHeaders,
  function remove(frames, at) {
    frames.splice(at, 1);
  },
  function repeat(frames, at, _others, random) {
    frames.splice(random.below(frames.length + 1), 0, frames[at]!);
  },
  function swap(frames, at, _others, random) {
    const partner = random.below(frames.length);
    [frames[at], frames[partner]] = [frames[partner]!, frames[at]!];
  },
  function takeFromOther(frames, at, others, random) {
    if (others.length > 0) frames.splice(at, random.below(2), random.pick(others));
  },
  function setType(frames, at, _others, random) {
    frames[at] = { ...frames[at]!, type: random.below(FrameType.Continuation + 2) };
  },
  function setFlag(frames, at, _others, random) {
    frames[at] = { ...frames[at]!, flags: frames[at]!.flags ^ random.pick(FLAGS) };
  },
  function setStream(frames, at, _others, random) {
    frames[at] = { ...frames[at]!, streamId: random.pick(STREAM_IDS) };
  },
  function setPayload(frames, at, others, random) {
    const { payload } = frames[at]!;
    const other = others.length > 0 ? random.pick(others).payload : payload;
    frames[at] = { ...frames[at]!, payload: mutateBytes(payload, other, [], random) };
  },
  function renew(frames, at, _others, random) {
    const { type, flags, streamId } = frames[at]!;
    frames[at] = frame(type, flags, streamId, payloadOf(type, random));
  },
  splitFrame,
  pad,
];

function insertFrame(frames: Frame[], at: number, _others: readonly Frame[], random: Random): void {
  const type = random.below(FrameType.Continuation + 2);
  const flags = random.oneIn(2) ? 0 : random.pick(FLAGS);
  frames.splice(at + 1, 0, frame(type, flags, random.pick(STREAM_IDS), payloadOf(type, random)));
}

function insertHeaders(
  frames: Frame[],
  at: number,
  _others: readonly Frame[],
  random: Random,
): void {
  const isRequest = random.oneIn(2);
  const fields: [string, string][] = [];
  if (isRequest) {
    fields.push([":method", random.pick(["GET", "POST", "CONNECT"])], [":path", "/"]);
    fields.push([":scheme", "http"], [":authority", "a.test"]);
  }
  for (let more = random.below(4); more > 0; more--)
    fields.splice(random.oneIn(4) ? 0 : fields.length, 0, [
      random.pick(NAMES),
      random.pick(VALUES),
    ]);
  frames.splice(at + 1, 0, headersFrame(random.pick(STREAM_IDS), fields, random.oneIn(2)));
}

/** Into two of the same type, or a block into HEADERS and CONTINUATION. */
function splitFrame(frames: Frame[], at: number, _others: readonly Frame[], random: Random): void {
  const { type, flags, streamId, payload } = frames[at]!;
  const cut = random.below(payload.length + 1);
  const isBlock = type === FrameType.Headers || type === FrameType.Continuation;
  frames.splice(
    at,
    1,
    frame(type, isBlock ? flags & ~FrameFlag.EndHeaders : 0, streamId, payload.subarray(0, cut)),
    frame(
      isBlock ? FrameType.Continuation : type,
      isBlock ? flags & FrameFlag.EndHeaders : flags,
      streamId,
      payload.subarray(cut),
    ),
  );
}

function pad(frames: Frame[], at: number, _others: readonly Frame[], random: Random): void {
  const { type, flags, streamId, payload } = frames[at]!;
  const length = random.pick([0, 1, 10, 255]);
  const padded = Buffer.concat([Buffer.of(length), payload, Buffer.alloc(length)]);
  frames[at] = frame(type, flags | FrameFlag.Padded, streamId, padded);
}

/** What may stand in a frame of the type, or nearly. */
function payloadOf(type: number, random: Random): Buffer {
  switch (type) {
    case FrameType.Settings: {
      const count = random.below(4);
      const setting = (): Buffer => octets([2, random.below(10)], [4, random.pick(NUMBERS)]);
      return Buffer.concat(Array.from({ length: count }, setting));
    }
    case FrameType.WindowUpdate:
    case FrameType.RstStream:
      return octets([4, random.pick(NUMBERS)]);
    case FrameType.Ping:
      return Buffer.alloc(8, "p");
    case FrameType.GoAway:
      return octets([4, random.pick(NUMBERS)], [4, random.below(16)]);
    case FrameType.Priority:
      return octets([4, random.pick(STREAM_IDS)], [1, 16]);
    default:
      return Buffer.alloc(random.pick([0, 1, 3, 10, 200]), "d");
  }
}
