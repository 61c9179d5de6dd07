import type { MatchTree, OnMatch } from "./match-tree.ts";
import { Verdict, type Predicate } from "./predicate.ts";

/** `matcher_list`: the first whose predicate holds and that comes to an action. */
export class ListTree<Data, Action> implements MatchTree<Data, Action> {
  readonly #predicates: readonly Predicate<Data>[];
  readonly #onMatches: readonly OnMatch<Data, Action>[];
  readonly #onNoMatch: OnMatch<Data, Action> | null;

  /** `onMatches` in the order of `predicates`. */
  constructor(
    predicates: readonly Predicate<Data>[],
    onMatches: readonly OnMatch<Data, Action>[],
    onNoMatch: OnMatch<Data, Action> | null,
  ) {
    this.#predicates = predicates;
    this.#onMatches = onMatches;
    this.#onNoMatch = onNoMatch;
  }

  match(data: Data): Action | null | undefined {
    for (let i = 0; i < this.#predicates.length; i++) {
      const verdict = this.#predicates[i]!(data);
      if (verdict === Verdict.Unable) return undefined;
      if (verdict === Verdict.No) continue;
      const found = this.#onMatches[i]!.resolve(data);
      if (found !== null) return found;
    }
    return this.#onNoMatch === null ? null : this.#onNoMatch.resolve(data);
  }
}
