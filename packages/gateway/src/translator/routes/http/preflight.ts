import type { IrStringMatch } from "../../../ir/route.ts";
import { ranked, type RankedMatch } from "./matches.ts";

/** As browsers ask: from a page of an origin, with the method that is to be used. */
const PREFLIGHT_METHOD = "OPTIONS";
const ORIGIN: IrStringMatch = { name: "origin", kind: "regex", value: ".*" };

/**
 * The requests by which browsers ask whether the method of a match may be used. The match itself does not take them, so
 * that without this one nobody would answer what the rule says of other origins. Undefined: the match takes them as well.
 */
export function preflightMatch({ match, precedence }: RankedMatch): RankedMatch | undefined {
  const { method, headers } = match;
  if (method === undefined || method === PREFLIGHT_METHOD) return undefined;
  const asked: IrStringMatch = {
    name: "access-control-request-method",
    kind: "exact",
    value: method,
  };
  const [, pathLength = 0] = precedence;
  const preflight = { ...match, method: PREFLIGHT_METHOD, headers: [...headers, ORIGIN, asked] };
  return ranked(preflight, pathLength);
}
