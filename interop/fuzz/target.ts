import type { Random } from "../harness/random.ts";

/** Makes an input out of another one; `other` is one more of the corpus, to take pieces from. */
export type Mutate = (input: Buffer, other: Buffer, random: Random) => Buffer;

/** What is fuzzed. */
export interface FuzzTarget {
  readonly name: string;
  /** Source files whose coverage is worth an input: the end of their URL's folder, such as `/codec/src/http1/`. */
  readonly covers: readonly string[];
  /** What to begin with: inputs that get far. */
  readonly seeds: readonly Buffer[];
  /** How many runs make a run of `npm run interop`: some seconds, well below twenty. */
  readonly runs: number;
  /** Pieces that mean something in such inputs. */
  readonly dictionary: readonly Buffer[];
  /** Knows how inputs are built; used in turn with mutators that do not. */
  readonly mutate?: Mutate;
  /** Reads one input, from a fresh state. Throws when something is wrong: by itself, or because an invariant is broken. */
  run(input: Buffer): void;
}
