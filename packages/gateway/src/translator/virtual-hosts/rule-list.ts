import { sameData } from "../../incremental/same-data.ts";
import type { IrRoute } from "../../ir/route.ts";
import { byRank, type RankedRule } from "./ranked-rule.ts";

/** With more routes to move, to sort all rules costs less. */
const MOVED_ONE_BY_ONE_MAX = 100;

/** The rules of many routes in the order in which they are matched. What one route changes moves that route's alone. */
export class RuleList {
  readonly #byRoute = new Map<string, readonly RankedRule[]>();
  #inOrder: RankedRule[] = [];
  /** Of `#inOrder`. */
  #routes: IrRoute[] = [];
  /** How many of them are redirects. */
  #redirects = 0;
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
    this.#settle();
    return this.#inOrder;
  }

  /** The same without their ranks; null where a listener has a say in one of them, as in redirects. */
  get plainRoutes(): IrRoute[] | null {
    this.#settle();
    return this.#redirects === 0 ? this.#routes.slice() : null;
  }

  #settle(): void {
    if (this.#moved.size > MOVED_ONE_BY_ONE_MAX) {
      this.#inOrder = [...this.#byRoute.values()].flat().toSorted(byRank);
      this.#routes = this.#inOrder.map(({ rule }) => rule);
      this.#redirects = this.#routes.filter(isRedirect).length;
    } else {
      for (const gone of this.#moved.values()) for (const one of gone) this.#takeOut(one);
      for (const route of this.#moved.keys())
        for (const one of this.#byRoute.get(route) ?? []) this.#putIn(one);
    }
    this.#moved.clear();
  }

  #move(route: string): void {
    if (!this.#moved.has(route)) this.#moved.set(route, this.#byRoute.get(route) ?? []);
  }

  #takeOut(one: RankedRule): void {
    const place = this.#inOrder.indexOf(one, this.#placeOf(one));
    this.#inOrder.splice(place, 1);
    this.#routes.splice(place, 1);
    if (isRedirect(one.rule)) this.#redirects -= 1;
  }

  /** Behind what is equal: rules of a route come in their order. */
  #putIn(one: RankedRule): void {
    const place = this.#placeOf(one, 1);
    this.#inOrder.splice(place, 0, one);
    this.#routes.splice(place, 0, one.rule);
    if (isRedirect(one.rule)) this.#redirects += 1;
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

function isRedirect({ action }: IrRoute): boolean {
  return action.kind === "redirect";
}
