import type { IrRoute } from "../../ir/route.ts";
import { bySeniority } from "../routes/seniority.ts";
import type { RoutePrecedence, TranslatedParent, TranslatedRoute } from "../translated-route.ts";

/** The rules of routes for one domain at a listener, the one that is matched first at the beginning. */
export function rulesInOrder(routes: readonly TranslatedRoute[], listener: string): IrRoute[] {
  const ranked = routes.flatMap((route) => {
    const parent = parentAt(route, listener);
    const { http = [], precedence = [] } = parent ?? {};
    return http.map((one, i) => ({ one, precedence: precedence[i]!, route }));
  });
  // Sorting is stable: rules of a route stay in their order.
  return ranked
    .toSorted((a, b) => byPrecedence(a.precedence, b.precedence) || bySeniority(a.route, b.route))
    .map(({ one }) => one);
}

/** An object may name a listener twice: its rules count once. */
function parentAt({ parents }: TranslatedRoute, listener: string): TranslatedParent | undefined {
  return parents.find(({ attachments }) =>
    attachments.some((attachment) => attachment.listener === listener),
  );
}

function byPrecedence(a: RoutePrecedence, b: RoutePrecedence): number {
  for (const [i, value] of a.entries()) {
    const difference = (b[i] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return 0;
}
