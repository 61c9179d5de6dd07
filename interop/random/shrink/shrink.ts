import type { DiffCase } from "../../diff/case.ts";
import type { Difference } from "../../diff/compare.ts";
import { applyEdits, compatible, editsOf, sizeOf, type Edit } from "./edits.ts";

/** Smaller cases tried at once, over all that are being shrunk. */
const TRIED_AT_ONCE = 240;
/** How large a part of the edits that work alone is tried together. */
const TOGETHER: readonly number[] = [1, 0.75, 0.5, 0.25];

/** The unexplained differences of each case, in order. */
export type Judge = (cases: readonly DiffCase[]) => Promise<readonly (readonly Difference[])[]>;

/** A case, what differs in it, and whether nothing more could be taken away from it. */
export interface Shrunk {
  readonly diffCase: DiffCase;
  readonly differences: readonly Difference[];
  /** It differed when it was run again. */
  readonly confirmed: boolean;
  readonly minimal: boolean;
}

interface Shrinking {
  best: DiffCase;
  differences: readonly Difference[];
  readonly kind: string;
  confirmed: boolean;
  /** Edits of `best` that were not tried yet; null when they are not known yet. */
  untried: Edit[][] | null;
  minimal: boolean;
}

interface Trial {
  readonly of: Shrinking;
  readonly edits: readonly Edit[];
  readonly diffCase: DiffCase;
}

/**
 * Makes cases smaller as long as they differ as they differed first, all of them side by side, until
 * `deadlineMs` on the clock of `performance.now()`. Starts with each case as it is: what does not differ again is
 * returned unconfirmed.
 */
export async function shrinkCases(
  cases: readonly { readonly diffCase: DiffCase; readonly differences: readonly Difference[] }[],
  judge: Judge,
  deadlineMs: number,
): Promise<Shrunk[]> {
  const all = cases.map(({ diffCase, differences }): Shrinking => ({
    best: diffCase,
    differences,
    kind: kindOf(differences[0]!),
    confirmed: false,
    untried: null,
    minimal: false,
  }));
  const again = await tryAll(
    all.map((of) => ({ of, edits: [], diffCase: of.best })),
    judge,
  );
  for (const { trial, differences } of again) {
    trial.of.confirmed = true;
    trial.of.differences = differences;
  }
  for (;;) {
    const active = all.filter(({ confirmed, minimal }) => confirmed && !minimal);
    if (active.length === 0 || performance.now() > deadlineMs) break;
    await round(active, judge);
  }
  return all.map(({ best, differences, confirmed, minimal }) => ({
    diffCase: best,
    differences,
    confirmed,
    minimal,
  }));
}

/** Tries edits alone, then those that worked together, and keeps the smallest case. */
async function round(active: readonly Shrinking[], judge: Judge): Promise<void> {
  const share = Math.max(8, Math.floor(TRIED_AT_ONCE / active.length));
  const alone = active.flatMap((of) => {
    of.untried ??= editsOf(of.best);
    return of.untried.splice(0, share).map((edits) => tryOn(of, edits));
  });
  const worked = await tryAll(alone, judge);
  const together = active.flatMap((of) => {
    const own = compatible(
      worked.filter((result) => result.trial.of === of).map((result) => result.trial.edits),
    );
    const counts = new Set(TOGETHER.map((part) => Math.ceil(own.length * part)));
    return [...counts]
      .filter((count) => count > 1)
      .map((count) => tryOn(of, own.slice(0, count).flat()));
  });
  const results = [...worked, ...(await tryAll(together, judge))];
  for (const of of active) {
    const [smallest] = results
      .filter((result) => result.trial.of === of)
      .sort((a, b) => sizeOf(a.trial.diffCase) - sizeOf(b.trial.diffCase));
    if (smallest !== undefined) {
      of.best = smallest.trial.diffCase;
      of.differences = smallest.differences;
      of.untried = null;
    } else if (of.untried?.length === 0) {
      of.minimal = true;
    }
  }
}

function tryOn(of: Shrinking, edits: readonly Edit[]): Trial {
  return { of, edits, diffCase: applyEdits(of.best, edits) };
}

/** The trials that still differ as they did, with what differs. */
async function tryAll(
  trials: readonly Trial[],
  judge: Judge,
): Promise<{ trial: Trial; differences: readonly Difference[] }[]> {
  if (trials.length === 0) return [];
  const named = trials.map(({ diffCase }, index) => ({
    ...diffCase,
    name: `random/shrink.${String(index).padStart(3, "0")}`,
  }));
  const judged = await judge(named);
  return trials
    .map((own, index) => ({ trial: own, differences: judged[index]! }))
    .filter(({ trial: own, differences }) =>
      differences.some((difference) => kindOf(difference) === own.of.kind),
    );
}

/** What differences of one cause have in common: the facet without the numbers of messages, and roughly the values. */
export function kindOf({ at, left, right }: Difference): string {
  return [at.replaceAll(/\d+/g, "*"), roughly(left), roughly(right)].join(" ");
}

/** A status, a small word, or that there is something. */
function roughly(value: string | null): string {
  if (value === null) return "-";
  if (/^\d+$/.test(value)) return "number";
  return /^(?:HTTP\/1\.1 \d+|\w{1,12}$)/.exec(value)?.[0] ?? "something";
}
