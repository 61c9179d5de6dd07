import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Difference } from "../../diff/compare.ts";
import { matchesAny } from "../../diff/wildcard.ts";

/** A difference that is meant to be. Patterns, in which `*` stands for any text. */
interface Explanation {
  readonly reason: string;
  readonly at: string | string[];
  readonly theirs?: string | string[];
  /** `more`: a greater number than theirs. */
  readonly ours?: string;
  /** Holds only in a document that differs in this way as well: the cause, where `at` covers what comes of it. */
  readonly when?: { readonly at: string; readonly theirs?: string; readonly ours: string };
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
  unexplained(differences: readonly Difference[]): Difference[] {
    return differences.filter((difference) => {
      const index = this.#all.findIndex((one) => explains(one, difference, differences));
      if (index >= 0) this.#explained[index]! += 1;
      return index < 0;
    });
  }
}

function explains(
  { at, theirs = "*", ours = "*", when }: Explanation,
  difference: Difference,
  all: readonly Difference[],
): boolean {
  return (
    isLike({ at, theirs, ours }, difference) &&
    (when === undefined || all.some((one) => isLike({ theirs: "*", ...when }, one)))
  );
}

function isLike(
  { at, theirs, ours }: { at: string | string[]; theirs: string | string[]; ours: string },
  difference: Difference,
): boolean {
  return (
    matchesAny(at, difference.at) &&
    matchesAny(theirs, difference.left ?? "nothing") &&
    (ours === "more"
      ? Number(difference.right) > Number(difference.left)
      : matchesAny(ours, difference.right ?? "nothing"))
  );
}
