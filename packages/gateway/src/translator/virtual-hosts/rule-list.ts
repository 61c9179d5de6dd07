import { sameData } from "../../incremental/same-data.ts";
import { byRank, type RankedRule } from "./ranked-rule.ts";

/** With more routes to move, to sort all rules costs less. */
const MOVED_ONE_BY_ONE_MAX = 100;

/** The rules of many routes in the order in which they are matched. What one route changes moves that route's alone. */
export class RuleList {
  readonly #byRoute = new Map<string, readonly RankedRule[]>();
  #inOrder: RankedRule[] = [];
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

  /** Changed in place: read it, do not keep it. Whoever asks pays for what has changed since somebody asked. */
  get inOrder(): readonly RankedRule[] {
    if (this.#moved.size > MOVED_ONE_BY_ONE_MAX)
      this.#inOrder = [...this.#byRoute.values()].flat().toSorted(byRank);
    else {
      for (const gone of this.#moved.values()) for (const one of gone) this.#takeOut(one);
      for (const route of this.#moved.keys())
        for (const one of this.#byRoute.get(route) ?? []) this.#putIn(one);
    }
    this.#moved.clear();
    return this.#inOrder;
  }

  #move(route: string): void {
    if (!this.#moved.has(route)) this.#moved.set(route, this.#byRoute.get(route) ?? []);
  }

  #takeOut(one: RankedRule): void {
    this.#inOrder.splice(this.#inOrder.indexOf(one, this.#placeOf(one)), 1);
  }

  /** Behind what is equal: rules of a route come in their order. */
  #putIn(one: RankedRule): void {
    this.#inOrder.splice(this.#placeOf(one, 1), 0, one);
  }

  /** How many rules stand before one; those that are equal to it among them, with `equals` 1. */
  #placeOf(one: RankedRule, equals: 0 | 1 = 0): number {
    let low = 0;
    let high = this.#inOrder.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byRank(this.#inOrder[middle]!, one) < equals) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
