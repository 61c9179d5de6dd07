import { PrefixTrie } from "../../http/route/table/prefix-trie.ts";
import type { MatchInput } from "../extension.ts";
import { KeyTree } from "./key-tree.ts";
import type { OnMatch } from "./match-tree.ts";

/** `prefix_match_map`: the longest prefix of the input; when that misses further down, the next shorter one. */
export class PrefixTree<Data, Action> extends KeyTree<Data, Action> {
  readonly #trie = new PrefixTrie();
  readonly #onMatches: readonly OnMatch<Data, Action>[];
  /** By number: that of the next shorter key which is a prefix of this one, -1 for none. */
  readonly #shorter: readonly number[];

  constructor(
    input: MatchInput<Data>,
    map: ReadonlyMap<string, OnMatch<Data, Action>>,
    onNoMatch: OnMatch<Data, Action> | null,
  ) {
    super(input, onNoMatch);
    const keys = [...map.keys()];
    this.#onMatches = [...map.values()];
    for (const [number, key] of keys.entries()) this.#trie.add(key, number);
    this.#shorter = keys.map((key, own) => this.#longest(key, own));
  }

  protected find(key: string, data: Data): Action | null | undefined {
    for (let at = this.#longest(key, -1); at >= 0; at = this.#shorter[at]!) {
      const found = this.#onMatches[at]!.resolve(data);
      if (found !== null) return found;
    }
    return null;
  }

  /** The number of the longest key that `text` begins with, `but` left out; -1 for none. */
  #longest(text: string, but: number): number {
    let longest = -1;
    this.#trie.start(text);
    for (let group = this.#trie.next(); group !== null; group = this.#trie.next()) {
      if (group[0] !== but) longest = group[0]!;
    }
    return longest;
  }
}
