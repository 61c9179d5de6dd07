import type { IrStringMatch } from "../../../ir/route.ts";
import type { ValueMatch } from "../objects.ts";
import type { RuleFaults } from "./faults.ts";
import { checkRegex } from "./regex.ts";

/** Matches of headers: names have no case, and of equal ones the first counts. */
export function headerMatches(
  matches: readonly ValueMatch[] | undefined,
  where: string,
  faults: RuleFaults,
): IrStringMatch[] {
  return valueMatches(matches, where, faults, (name) => name.toLowerCase());
}

/** Matches of parameters of the query: of equal names the first counts. */
export function queryMatches(
  matches: readonly ValueMatch[] | undefined,
  where: string,
  faults: RuleFaults,
): IrStringMatch[] {
  return valueMatches(matches, where, faults, (name) => name);
}

function valueMatches(
  matches: readonly ValueMatch[] = [],
  where: string,
  faults: RuleFaults,
  normal: (name: string) => string,
): IrStringMatch[] {
  const byName = new Map<string, IrStringMatch>();
  for (const [i, { type = "Exact", name, value }] of matches.entries()) {
    const place = `${where}[${i}]`;
    if (type === "RegularExpression") checkRegex(value, place, faults);
    else if (type !== "Exact")
      faults.unsupported(place, `expected type Exact or RegularExpression, got ${type}`);
    const kind = type === "Exact" ? "exact" : "regex";
    const key = normal(name);
    if (!byName.has(key)) byName.set(key, { name: key, kind, value });
  }
  return [...byName.values()];
}
