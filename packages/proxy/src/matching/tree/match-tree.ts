/**
 * A matcher on a worker. The result is an action, null for no match, or undefined when a value is needed that is not
 * there yet; who cannot wait takes that for no match.
 */
export interface MatchTree<Data, Action> {
  match(data: Data): Action | null | undefined;
}

/** What a match leads to; null and undefined as of `MatchTree`. */
export class OnMatch<Data, Action> {
  readonly #action: Action | null;
  readonly #matcher: MatchTree<Data, Action> | null;
  readonly #keepMatching: boolean;

  /** Either an action or a matcher. */
  constructor(
    action: Action | null,
    matcher: MatchTree<Data, Action> | null,
    keepMatching: boolean,
  ) {
    this.#action = action;
    this.#matcher = matcher;
    this.#keepMatching = keepMatching;
  }

  resolve(data: Data): Action | null | undefined {
    const found = this.#matcher === null ? this.#action : this.#matcher.match(data);
    return this.#keepMatching && found !== undefined ? null : found;
  }
}

/** A matcher without a tree: it always comes to its `on_no_match`. */
export class AnyTree<Data, Action> implements MatchTree<Data, Action> {
  readonly #onNoMatch: OnMatch<Data, Action> | null;

  constructor(onNoMatch: OnMatch<Data, Action> | null) {
    this.#onNoMatch = onNoMatch;
  }

  match(data: Data): Action | null | undefined {
    return this.#onNoMatch === null ? null : this.#onNoMatch.resolve(data);
  }
}
