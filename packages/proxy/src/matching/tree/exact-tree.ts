import type { MatchInput } from "../extension.ts";
import { KeyTree } from "./key-tree.ts";
import type { OnMatch } from "./match-tree.ts";

/** `exact_match_map`: one look-up. */
export class ExactTree<Data, Action> extends KeyTree<Data, Action> {
  readonly #map: ReadonlyMap<string, OnMatch<Data, Action>>;

  constructor(
    input: MatchInput<Data>,
    map: ReadonlyMap<string, OnMatch<Data, Action>>,
    onNoMatch: OnMatch<Data, Action> | null,
  ) {
    super(input, onNoMatch);
    this.#map = map;
  }

  protected find(key: string, data: Data): Action | null | undefined {
    const onMatch = this.#map.get(key);
    return onMatch === undefined ? null : onMatch.resolve(data);
  }
}
