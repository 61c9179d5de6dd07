import type { Random } from "../harness/random.ts";

/** Longer inputs are cut: they cost time and rarely say more. */
export const INPUT_BYTES_MAX = 4096;

const EDITS_MAX = 4;
const PIECE_BYTES_MAX = 16;
const NUMBERS = [
  0, 1, 0x7f, 0x80, 0xff, 0x0100, 0x3fff, 0x4000, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff,
];

type Edit = (input: Buffer, other: Buffer, random: Random) => Buffer;

/** Changes an input in a few places, knowing nothing of what it means but the pieces of `dictionary`. */
export function mutateBytes(
  input: Buffer,
  other: Buffer,
  dictionary: readonly Buffer[],
  random: Random,
): Buffer {
  let result: Buffer = Buffer.from(input);
  for (let edits = 1 + random.below(EDITS_MAX); edits > 0; edits--) {
    result =
      dictionary.length > 0 && random.oneIn(4)
        ? insertWord(result, random.pick(dictionary), random)
        : random.pick(EDITS)(result, other, random);
  }
  return result.subarray(0, INPUT_BYTES_MAX);
}

const EDITS: readonly Edit[] = [
  // Twice: what most is found with.
  setByte,
  setByte,
  function flipBit(input, _other, random) {
    if (input.length > 0) input[random.below(input.length)]! ^= 1 << random.below(8);
    return input;
  },
  function addToByte(input, _other, random) {
    if (input.length > 0) input[random.below(input.length)]! += random.below(33) - 16;
    return input;
  },
  function setNumber(input, _other, random) {
    const bytes = random.pick([1, 2, 3, 4]);
    if (input.length < bytes) return input;
    const at = random.below(input.length - bytes + 1);
    input.writeUIntBE(random.pick(NUMBERS) % 2 ** (8 * bytes), at, bytes);
    return input;
  },
  function insertBytes(input, _other, random) {
    const piece = Buffer.from(Array.from({ length: 1 + random.below(4) }, () => random.below(256)));
    return splice(input, random.below(input.length + 1), 0, piece);
  },
  function removeBytes(input, _other, random) {
    const at = random.below(input.length + 1);
    return splice(input, at, 1 + random.below(PIECE_BYTES_MAX), NOTHING);
  },
  function repeatBytes(input, _other, random) {
    const at = random.below(input.length + 1);
    const piece = input.subarray(at, at + 1 + random.below(PIECE_BYTES_MAX));
    return splice(input, random.below(input.length + 1), 0, piece);
  },
  function takeFromOther(input, other, random) {
    const at = random.below(other.length + 1);
    const piece = other.subarray(at, at + 1 + random.below(PIECE_BYTES_MAX * 4));
    const removed = random.oneIn(2) ? piece.length : 0;
    return splice(input, random.below(input.length + 1), removed, piece);
  },
  function cutEnd(input, _other, random) {
    return input.subarray(0, random.below(input.length + 1));
  },
];

const NOTHING = Buffer.alloc(0);

function setByte(input: Buffer, _other: Buffer, random: Random): Buffer {
  if (input.length > 0) input[random.below(input.length)] = random.below(256);
  return input;
}

function insertWord(input: Buffer, word: Buffer, random: Random): Buffer {
  const removed = random.oneIn(2) ? word.length : 0;
  return splice(input, random.below(input.length + 1), removed, word);
}

function splice(input: Buffer, at: number, removed: number, piece: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), piece, input.subarray(at + removed)]);
}
