import type { MatchInput } from "../extension.ts";
import { KeyTree } from "./key-tree.ts";
import type { OnMatch } from "./match-tree.ts";

/**
 * `xds.type.matcher.v3.ServerNameMatcher`: the exact domain, then `*.suffix` from the longest to the shortest, then `*`.
 * What misses further down gives way to the next. Letters count as they are.
 */
export class DomainTree<Data, Action> extends KeyTree<Data, Action> {
  readonly #exact = new Map<string, OnMatch<Data, Action>>();
  /** By what follows `*.`. */
  readonly #suffixes = new Map<string, OnMatch<Data, Action>>();
  #any: OnMatch<Data, Action> | null = null;

  constructor(
    input: MatchInput<Data>,
    domains: readonly (readonly [domain: string, onMatch: OnMatch<Data, Action>])[],
    onNoMatch: OnMatch<Data, Action> | null,
  ) {
    super(input, onNoMatch);
    for (const [domain, onMatch] of domains) {
      if (domain === "*") this.#any = onMatch;
      else if (domain.startsWith("*.")) this.#suffixes.set(domain.slice(2), onMatch);
      else this.#exact.set(domain, onMatch);
    }
  }

  protected find(domain: string, data: Data): Action | null | undefined {
    if (domain === "") return null;
    const exact = this.#exact.get(domain);
    if (exact !== undefined) {
      const found = exact.resolve(data);
      if (found !== null) return found;
    }
    for (let dot = domain.indexOf("."); dot >= 0; dot = domain.indexOf(".", dot + 1)) {
      const onMatch = this.#suffixes.get(domain.slice(dot + 1));
      if (onMatch === undefined) continue;
      const found = onMatch.resolve(data);
      if (found !== null) return found;
    }
    return this.#any === null ? null : this.#any.resolve(data);
  }
}
