import { join } from "node:path";
import { inLanes } from "../harness/in-lanes.ts";
import type { DiffCase } from "./case.ts";
import {
  compareBatch,
  compareVerdicts,
  StatNames,
  type Batch,
  type CaseResult,
  type Comparison,
} from "./compare-batch.ts";

/** Cases that share one pair of processes. A crash or refusal costs at most these. */
const BATCH_SIZE = 100;

/**
 * What differs runs again in fresh processes, and with less at the same time: on a busy machine things are late. Only what
 * differs in each pass counts. So do cases whose meant difference was not there: that it is gone counts if no pass has it.
 */
export const PASSES: readonly Pass[] = [
  // Most of the work is to wait.
  { batchesAtOnce: 2, casesAtOnce: 8 },
  { batchesAtOnce: 1, casesAtOnce: 8 },
  { batchesAtOnce: 1, casesAtOnce: 1 },
  // For the few that are left: a slow spell of the machine is over at some time, a difference is not.
  { batchesAtOnce: 1, casesAtOnce: 1 },
  { batchesAtOnce: 1, casesAtOnce: 1 },
];

export interface Pass {
  readonly batchesAtOnce: number;
  /** Of a batch, those whose steps are done at the same time. */
  readonly casesAtOnce: number;
}

export interface DiffOptions extends Comparison {
  /** Called when a batch is through. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The cases of this repository. */
export const CASES_FOLDER: string = join(import.meta.dirname, "cases");

/** Runs all cases at both proxies and compares. */
export async function runDiff(
  all: readonly DiffCase[],
  options: DiffOptions,
): Promise<CaseResult[]> {
  // Verdicts are work for the time in which the batches wait.
  const [verdicts, results] = await Promise.all([
    compareVerdicts(
      all.filter(({ validate }) => validate === true),
      options,
    ),
    compareRuns(
      all.filter(({ validate }) => validate !== true),
      options,
    ),
  ]);
  return [...verdicts, ...results];
}

async function compareRuns(
  cases: readonly DiffCase[],
  options: DiffOptions,
): Promise<CaseResult[]> {
  const results = new Map<string, CaseResult>();
  const statNames = new StatNames();
  let due = inBatches(cases);
  let [done, total] = [0, 0];
  for (const { batchesAtOnce, casesAtOnce } of PASSES) {
    total += due.reduce((sum, batch) => sum + batch.cases.length, 0);
    await inLanes(due, batchesAtOnce, async (batch) => {
      for (const result of await compareBatch(batch, statNames, options, casesAtOnce)) {
        const first = results.get(result.name);
        if (first?.unexplained.length === 0) continue;
        const notAgain = result.unexplained.length === 0 ? (first?.unexplained ?? []) : [];
        results.set(result.name, { ...result, notAgain });
      }
      done += batch.cases.length;
      options.onProgress?.(done, total);
    });
    const again = differing(due, results);
    const included = new Set(again.flatMap((batch) => batch.cases));
    const unseen = options.explanations
      .casesOfUnused(cases)
      .filter((diffCase) => !included.has(diffCase));
    due = [...again, ...separate(unseen)];
  }
  return [...results.values(), statNames.judge(options)];
}

/** Cases that change their process get one of their own, and it is not compared as a whole. */
export function inBatches(cases: readonly DiffCase[]): Batch[] {
  const ordinary = cases.filter((each) => !hasOwnProcess(each));
  const batches: Batch[] = [];
  for (let at = 0; at < ordinary.length; at += BATCH_SIZE) {
    const name = `process/batch ${batches.length + 1}`;
    batches.push({ name, cases: ordinary.slice(at, at + BATCH_SIZE) });
  }
  const alone = cases.filter(hasOwnProcess);
  return [...batches, ...alone.map((diffCase) => ({ name: null, cases: [diffCase] }))];
}

/** Because it speaks to the admin listener, has layers of the runtime, or a bootstrap of its own. */
function hasOwnProcess({ admin, runtime, bootstrap }: DiffCase): boolean {
  return admin === true || runtime !== undefined || bootstrap !== undefined;
}

/** What has to run again: a batch whose process differs as it is, else the cases that differ. */
function differing(batches: readonly Batch[], results: ReadonlyMap<string, CaseResult>): Batch[] {
  const differs = (name: string): boolean => (results.get(name)?.unexplained.length ?? 0) > 0;
  const wholes = batches.filter(({ name }) => name !== null && differs(name));
  const cases = batches
    .filter((batch) => !wholes.includes(batch))
    .flatMap((batch) => batch.cases.filter(({ name }) => differs(name)));
  return [...wholes, ...separate(cases)];
}

/** Cases that are compared, their processes not. */
function separate(cases: readonly DiffCase[]): Batch[] {
  return inBatches(cases).map((batch) => ({ ...batch, name: null }));
}
