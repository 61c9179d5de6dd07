import { SyntaxProblem } from "../text-node.ts";
import type { MapEntry, TextNode } from "../text-node.ts";

/** What `<<` means: Envoy's parser does not know it, that of Kubernetes does. */
export type MergeKeys = "refused" | "merged";

/** Whether a key is `<<` without quotes. @throws SyntaxProblem where it is refused */
export function isMergeKey(text: string, quoted: boolean, at: number, keys: MergeKeys): boolean {
  if (text !== "<<" || quoted) return false;
  if (keys === "refused")
    throw new SyntaxProblem(at, 'merge keys ("<<") are not supported, nor are they by Envoy');
  return true;
}

/**
 * The entries of a mapping, and of those that are merged into it the ones that it does not have itself; of several the first
 * one counts (https://yaml.org/type/merge.html).
 * @param merged values of merge keys
 * @throws SyntaxProblem for a value that is neither a mapping nor a list of them
 */
export function mergedEntries(
  entries: readonly MapEntry[],
  merged: readonly TextNode[],
): readonly MapEntry[] {
  if (merged.length === 0) return entries;
  const all = [...entries];
  const keys = new Set(entries.map(({ key }) => key));
  for (const node of merged.flatMap((each) => (each.kind === "list" ? each.items : [each]))) {
    if (node.kind !== "map")
      throw new SyntaxProblem(node.at, 'expected an object, or a list of objects, after "<<"');
    const added = node.entries.filter(({ key }) => !keys.has(key));
    for (const { key } of added) keys.add(key);
    all.push(...added);
  }
  return all;
}
