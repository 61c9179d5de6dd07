import { readlinkSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { entryAt } from "./entry-at.ts";

/** As many links as Linux goes through for one path. */
const LINKS_MAX = 40;

/**
 * The entries that say what a path leads to: each link on the way, as Kubernetes has with `..data`, and where the way ends,
 * or cannot go on.
 */
export function stepsTo(path: string): string[] {
  const steps: string[] = [];
  let at: string = sep;
  let names = namesOf(path);
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const step = resolve(at, name);
    const entry = entryAt(step);
    const isLink = entry?.isSymbolicLink() === true;
    if (isLink || entry === undefined || names.length === 0) steps.push(step);
    if (entry === undefined || steps.length > LINKS_MAX) break;
    at = step;
    if (!isLink) continue;
    const target = targetOf(step);
    at = target.startsWith(sep) ? sep : dirname(step);
    names = [...namesOf(target), ...names];
  }
  return steps;
}

function namesOf(path: string): string[] {
  return path.split(sep).filter((name) => name !== "" && name !== ".");
}

/** Nothing for a link that is gone by now: whoever follows it hears of that. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}
