import { sameData } from "../../incremental/same-data.ts";
import { byRank, type RankedRule } from "./ranked-rule.ts";

/** The rules of many routes in the order in which they are matched. What one route changes moves that route's alone. */
export class RuleList {
  readonly #byRoute = new Map<string, readonly RankedRule[]>();
  #inOrder: readonly RankedRule[] = [];
  /** Of routes whose rules are not in their places yet: those that stand there instead. */
  readonly #moved = new Map<string, readonly RankedRule[]>();

  get isEmpty(): boolean {
    return this.#byRoute.size === 0;
  }

  has(route: string): boolean {
    return this.#byRoute.has(route);
  }

  /** False when these are the rules that the route has. */
  set(route: string, rules: readonly RankedRule[]): boolean {
    if (sameData(this.#byRoute.get(route), rules)) return false;
    this.#move(route);
    this.#byRoute.set(route, rules);
    return true;
  }

  delete(route: string): void {
    this.#move(route);
    this.#byRoute.delete(route);
  }

  /** Whoever asks pays for what has changed since somebody asked: many routes that come one by one are sorted once. */
  get inOrder(): readonly RankedRule[] {
    if (this.#moved.size > 0) {
      const gone = [...this.#moved.values()].flat().toSorted(byRank);
      const come = [...this.#moved.keys()].flatMap((route) => this.#byRoute.get(route) ?? []);
      this.#inOrder = merged(without(this.#inOrder, gone), come.toSorted(byRank));
      this.#moved.clear();
    }
    return this.#inOrder;
  }

  #move(route: string): void {
    if (!this.#moved.has(route)) this.#moved.set(route, this.#byRoute.get(route) ?? []);
  }
}

/** Both are in order, and the few are among the many. */
function without(many: readonly RankedRule[], few: readonly RankedRule[]): RankedRule[] {
  const rest: RankedRule[] = [];
  let taken = 0;
  for (const one of few) {
    const place = many.indexOf(one, placeOf(one, many, taken));
    for (; taken < place; taken++) rest.push(many[taken]!);
    taken++;
  }
  for (; taken < many.length; taken++) rest.push(many[taken]!);
  return rest;
}

/** Both are in order. Looks at a few of `many` for each of `few`. */
function merged(many: readonly RankedRule[], few: readonly RankedRule[]): RankedRule[] {
  const all: RankedRule[] = [];
  let taken = 0;
  for (const one of few) {
    const place = placeOf(one, many, taken);
    for (; taken < place; taken++) all.push(many[taken]!);
    all.push(one);
  }
  for (; taken < many.length; taken++) all.push(many[taken]!);
  return all;
}

/** The first place, from one on, of what does not stand before a rule in a list in order. */
function placeOf(one: RankedRule, list: readonly RankedRule[], from: number): number {
  let low = from;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byRank(list[middle]!, one) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
