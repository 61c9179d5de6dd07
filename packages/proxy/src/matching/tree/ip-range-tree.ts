import type { MatchInput } from "../extension.ts";
import { IpIntervals } from "./ip-intervals.ts";
import { KeyTree } from "./key-tree.ts";
import type { OnMatch } from "./match-tree.ts";

/** What one range of an `IpRangeTree` leads to. */
export interface IpRangeTarget<Data, Action> {
  readonly onMatch: OnMatch<Data, Action>;
  readonly exclusive: boolean;
}

/**
 * `xds.type.matcher.v3.IPMatcher`: the longest range that holds the address; when that misses further down, the next one that
 * is not exclusive.
 */
export class IpRangeTree<Data, Action> extends KeyTree<Data, Action> {
  readonly #intervals: IpIntervals<IpRangeTarget<Data, Action>>;

  constructor(
    input: MatchInput<Data>,
    intervals: IpIntervals<IpRangeTarget<Data, Action>>,
    onNoMatch: OnMatch<Data, Action> | null,
  ) {
    super(input, onNoMatch);
    this.#intervals = intervals;
  }

  protected find(key: string, data: Data): Action | null | undefined {
    const targets = this.#intervals.find(key);
    if (targets === null) return null;
    for (let i = 0; i < targets.length; i++) {
      const { onMatch, exclusive } = targets[i]!;
      if (i > 0 && exclusive) continue;
      const found = onMatch.resolve(data);
      if (found !== null) return found;
    }
    return null;
  }
}
