import type { IrRoute } from "../../ir/route.ts";
import { bySeniority, type Dated } from "../routes/seniority.ts";
import type { RoutePrecedence, TranslatedParent, TranslatedRoute } from "../translated-route.ts";

/** A rule of a route, and what decides which rules of a virtual host are matched before it. */
export interface RankedRule extends Dated {
  /** `HTTPRoute/<namespace>/<name>` */
  readonly route: string;
  readonly rule: IrRoute;
  readonly precedence: RoutePrecedence;
}

/** The rules of a route for a listener, in their order. */
export function rankedRules(
  route: string,
  translated: TranslatedRoute,
  listener: string,
): RankedRule[] {
  const { key, age } = translated;
  const { http = [], precedence = [] } = parentAt(translated, listener) ?? {};
  return http.map((rule, i) => ({ route, key, age, rule, precedence: precedence[i]! }));
}

/** The one that is matched first at the beginning, for `sort`: only rules of one route are equal. */
export function byRank(a: RankedRule, b: RankedRule): number {
  return (
    byPrecedence(a.precedence, b.precedence) ||
    bySeniority(a, b) ||
    (a.route < b.route ? -1 : Number(a.route > b.route))
  );
}

/** An object may name a listener twice: its rules count once. */
function parentAt({ parents }: TranslatedRoute, listener: string): TranslatedParent | undefined {
  return parents.find(({ attachments }) =>
    attachments.some((attachment) => attachment.listener === listener),
  );
}

function byPrecedence(a: RoutePrecedence, b: RoutePrecedence): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (b[i] ?? 0) - a[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
