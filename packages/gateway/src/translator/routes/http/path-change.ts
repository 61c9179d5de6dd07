import { quote } from "@nuncio/api";
import type { IrPathChange } from "../../../ir/route.ts";
import type { HttpRouteMatch, PathModifier } from "../objects.ts";
import type { RuleFaults } from "./faults.ts";

/** What ends a target, or its line (RFC 9112, section 3.2). */
const NO_TARGET = /[\u0000-\u0020\u007f]/;

/** What a redirect or rewrite makes of the path. `matches`: those of the rule. */
export function pathChange(
  { type, replaceFullPath = "", replacePrefixMatch = "" }: PathModifier,
  {
    matches,
    where,
    faults,
  }: { matches: readonly HttpRouteMatch[]; where: string; faults: RuleFaults },
): IrPathChange {
  for (const value of [replaceFullPath, replacePrefixMatch])
    if (NO_TARGET.test(value))
      faults.unsupported(where, `expected no blanks and control characters, got ${quote(value)}`);
  if (type === "ReplaceFullPath") return { kind: "full", value: replaceFullPath };
  if (type !== "ReplacePrefixMatch")
    faults.unsupported(where, `expected type ReplaceFullPath or ReplacePrefixMatch, got ${type}`);
  const other = matches.find(({ path }) => (path?.type ?? "PathPrefix") !== "PathPrefix");
  if (other !== undefined)
    faults.unsupported(
      where,
      `ReplacePrefixMatch needs matches of type PathPrefix, got ${other.path?.type}`,
    );
  return { kind: "prefix", value: replacePrefixMatch };
}
