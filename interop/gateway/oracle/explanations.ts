import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { matchesAny } from "../../diff/wildcard.ts";
import type { OracleDifference } from "./difference.ts";

/** A difference that is meant to be: one that is seen, or what the original's routing has to be corrected in. */
type Explanation = ExplainedPlace | ExplainedCorrection;

/** Patterns, in which `*` stands for any text. */
interface ExplainedPlace {
  readonly reason: string;
  readonly at: string | string[];
  readonly theirs?: string | string[];
  /** None: what the specification says (`specification/`), whatever that is. */
  readonly ours?: string;
}

interface ExplainedCorrection {
  readonly reason: string;
  readonly correction: string;
}

/** How often a difference was met that an explanation is for. */
export interface CountedExplanation {
  readonly reason: string;
  readonly explained: number;
}

/** Decides which differences from the original are meant. */
export class OracleExplanations {
  readonly #all: readonly Explanation[];
  readonly #explained: number[];

  constructor(file: string) {
    this.#all = parse(readFileSync(file, "utf8")) as Explanation[];
    this.#explained = this.#all.map(() => 0);
  }

  /** In the order of the file. A difference counts for the first one that explains it. */
  get counts(): CountedExplanation[] {
    return this.#all.map(({ reason }, i) => ({ reason, explained: this.#explained[i]! }));
  }

  /** Those of the differences of a document that nothing explains. */
  unexplained(differences: readonly OracleDifference[]): OracleDifference[] {
    return differences.filter((difference) => {
      const found = this.#explanationsOf(difference);
      for (const index of found) this.#explained[index]! += 1;
      return found.length === 0;
    });
  }

  /** Each correction needs its reason; of the others one is enough. */
  #explanationsOf(difference: OracleDifference): number[] {
    const { corrections } = difference;
    if (corrections === undefined) {
      const first = this.#all.findIndex((one) => "at" in one && explains(one, difference));
      return first < 0 ? [] : [first];
    }
    const found = corrections.map((name) =>
      this.#all.findIndex((one) => "correction" in one && one.correction === name),
    );
    return found.includes(-1) ? [] : found;
  }
}

function explains(
  { at, theirs = "*", ours }: ExplainedPlace,
  difference: OracleDifference,
): boolean {
  return (
    matchesAny(at, difference.at) &&
    matchesAny(theirs, difference.left ?? "nothing") &&
    (ours === undefined
      ? difference.asSpecified === true
      : matchesAny(ours, difference.right ?? "nothing"))
  );
}
