import { Random } from "../harness/random.ts";
import type { Novelty } from "./coverage.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import { shrinkInput } from "./shrink.ts";
import type { FuzzTarget } from "./target.ts";

/** Different failures that are kept; more of them only cost time. */
const FAILURES_MAX = 5;

/** An input for which a target threw. */
export interface Failure {
  readonly message: string;
  readonly stack: string;
  /** As small as it could be made. */
  readonly input: Buffer;
  /** The run that found it. */
  readonly run: number;
}

/** What a bounded run did. */
export interface FuzzResult {
  readonly runs: number;
  /** Inputs that did something new, seeds included. */
  readonly corpus: readonly Buffer[];
  readonly failures: readonly Failure[];
}

/**
 * Runs a target on inputs that are made of those before which did something new. The same seed and number of runs give the
 * same inputs. Ends early with `FAILURES_MAX` different failures, or with the first one when `stopsAtFailure`.
 */
export function fuzz(
  target: FuzzTarget,
  novelty: Novelty,
  options: { readonly runs: number; readonly seed: number; readonly stopsAtFailure?: boolean },
): FuzzResult {
  const random = new Random(options.seed);
  const corpus: Buffer[] = [];
  const failures: Failure[] = [];
  const most = options.stopsAtFailure === true ? 1 : FAILURES_MAX;
  const seeds = target.seeds.length === 0 ? [Buffer.alloc(1)] : target.seeds;
  let run = 0;
  for (; run < options.runs && failures.length < most; run++) {
    const seed = seeds[run];
    const input = seed ?? nextInput(target, corpus, random);
    const error = errorOf(target, input);
    if (novelty.take() || seed !== undefined) corpus.push(Buffer.from(input));
    if (error !== null && failures.every(({ message }) => !isSame(message, error.message))) {
      failures.push(failureOf(target, input, error, run));
      novelty.take();
    }
  }
  return { runs: run, corpus, failures };
}

/** The ones found last are tried most: what lies behind them is known least. */
function nextInput(target: FuzzTarget, corpus: readonly Buffer[], random: Random): Buffer {
  const recent = random.oneIn(2) ? Math.max(1, corpus.length >> 3) : corpus.length;
  const input = corpus[corpus.length - 1 - random.below(recent)]!;
  const other = random.pick(corpus);
  if (target.mutate !== undefined && random.oneIn(2)) return target.mutate(input, other, random);
  return mutateBytes(input, other, target.dictionary, random);
}

function failureOf(target: FuzzTarget, input: Buffer, error: Error, run: number): Failure {
  const smallest = shrinkInput(Buffer.from(input), (candidate) => {
    const other = errorOf(target, candidate);
    return other !== null && isSame(other.message, error.message);
  });
  return { message: error.message, stack: error.stack ?? "", input: smallest, run };
}

function errorOf(target: FuzzTarget, input: Buffer): Error | null {
  try {
    target.run(input);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Failures whose first line is the same but for numbers have one cause. */
function isSame(one: string, other: string): boolean {
  return causeOf(one) === causeOf(other);
}

function causeOf(message: string): string {
  return message.split("\n", 1)[0]!.replaceAll(/\d+/g, "0");
}
