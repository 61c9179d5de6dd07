/**
 * A set of bytes. Patterns and subjects are byte strings (one character per byte), as Envoy's RE2 sees them: it
 * runs in its Latin-1 mode, where `.` is any byte but a line feed.
 */
export class ByteSet {
  readonly #words = new Uint32Array(8);

  static of(...bytes: readonly number[]): ByteSet {
    const set = new ByteSet();
    for (const byte of bytes) set.addRange(byte, byte);
    return set;
  }

  addRange(low: number, high: number): this {
    for (let byte = low; byte <= high; byte++) this.#words[byte >> 5]! |= 1 << (byte & 31);
    return this;
  }

  addSet(other: ByteSet): this {
    for (let i = 0; i < 8; i++) this.#words[i]! |= other.#words[i]!;
    return this;
  }

  has(byte: number): boolean {
    return ((this.#words[byte >> 5]! >>> (byte & 31)) & 1) === 1;
  }

  intersects(other: ByteSet): boolean {
    for (let i = 0; i < 8; i++) if ((this.#words[i]! & other.#words[i]!) !== 0) return true;
    return false;
  }

  negated(): ByteSet {
    const set = new ByteSet();
    for (let i = 0; i < 8; i++) set.#words[i] = ~this.#words[i]!;
    return set;
  }

  /** With both cases of every ASCII letter in it. */
  foldAscii(): this {
    for (let upper = 65; upper <= 90; upper++) {
      if (this.has(upper) || this.has(upper + 32))
        this.addRange(upper, upper).addRange(upper + 32, upper + 32);
    }
    return this;
  }

  /** Inclusive ranges in order. */
  ranges(): [low: number, high: number][] {
    const ranges: [number, number][] = [];
    for (let byte = 0; byte < 256; byte++) {
      if (!this.has(byte)) continue;
      const last = ranges.at(-1);
      if (last !== undefined && last[1] === byte - 1) last[1] = byte;
      else ranges.push([byte, byte]);
    }
    return ranges;
  }

  /** The only byte of the set, or -1. */
  single(): number {
    const ranges = this.ranges();
    return ranges.length === 1 && ranges[0]![0] === ranges[0]![1] ? ranges[0]![0] : -1;
  }
}

const DIGITS = new ByteSet().addRange(48, 57);
const WORDS = new ByteSet().addRange(48, 57).addRange(65, 90).addRange(95, 95).addRange(97, 122);
/** RE2's `\s` has no vertical tab. */
const SPACES = ByteSet.of(9, 10, 12, 13, 32);

/** `\d`, `\w`, `\s` and their negations, by letter; undefined for other letters. */
export function perlClass(letter: string): ByteSet | undefined {
  switch (letter) {
    case "d":
      return DIGITS;
    case "D":
      return DIGITS.negated();
    case "w":
      return WORDS;
    case "W":
      return WORDS.negated();
    case "s":
      return SPACES;
    case "S":
      return SPACES.negated();
    default:
      return undefined;
  }
}
