import type { MatchInput } from "../extension.ts";
import type { MatchTree, OnMatch } from "./match-tree.ts";

/** A tree that looks its input's text up: what `exact_match_map`, `prefix_match_map` and the custom trees share. */
export abstract class KeyTree<Data, Action> implements MatchTree<Data, Action> {
  readonly #input: MatchInput<Data>;
  readonly #onNoMatch: OnMatch<Data, Action> | null;

  constructor(input: MatchInput<Data>, onNoMatch: OnMatch<Data, Action> | null) {
    this.#input = input;
    this.#onNoMatch = onNoMatch;
  }

  match(data: Data): Action | null | undefined {
    const key = this.#input(data);
    if (key === undefined) return undefined;
    if (key !== null) {
      const found = this.find(key as string, data);
      if (found !== null) return found;
    }
    return this.#onNoMatch === null ? null : this.#onNoMatch.resolve(data);
  }

  /** The best candidate for the key that comes to an action. */
  protected abstract find(key: string, data: Data): Action | null | undefined;
}
