import { join } from "node:path";
import type { DiffCase } from "./case.ts";
import {
  compareBatch,
  compareVerdicts,
  StatNames,
  type CaseResult,
  type Comparison,
} from "./compare-batch.ts";

/** Cases that share one pair of processes. A crash or refusal costs at most these. */
const BATCH_SIZE = 40;
/** Batches of a single case that run at the same time. */
const LANES = 3;

export interface DiffOptions extends Comparison {
  /** Called when a batch is through. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The cases of this repository. */
export const CASES_FOLDER: string = join(import.meta.dirname, "cases");

/**
 * Runs all cases at both proxies and compares. What differs runs a second time in a fresh pair of processes;
 * only what differs again counts.
 */
export async function runDiff(
  all: readonly DiffCase[],
  options: DiffOptions,
): Promise<CaseResult[]> {
  const cases = all.filter(({ validate }) => validate !== true);
  const verdicts = await compareVerdicts(
    all.filter(({ validate }) => validate === true),
    options,
  );
  const results = new Map<string, CaseResult>();
  const again = new Set<string>();
  const statNames = new StatNames();
  let done = 0;
  await inLanes(inBatches(cases), async (batch, index) => {
    // A process with one case of its own was changed by it: there is nothing to compare as a whole.
    const whole =
      batch[0]?.admin === true ? null : { processName: `process/batch ${index + 1}`, statNames };
    for (const result of await compareBatch(batch, whole, options)) {
      results.set(result.name, result);
      if (result.unexplained.length > 0) again.add(result.name);
    }
    done += batch.length;
    options.onProgress?.(done, cases.length);
  });
  const second = cases.filter(({ name }) => again.has(name));
  await inLanes(inBatches(second), async (batch) => {
    for (const result of await compareBatch(batch, null, options)) {
      const onceOnly = result.unexplained.length === 0 ? results.get(result.name)!.unexplained : [];
      results.set(result.name, { ...result, onceOnly });
    }
  });
  return [...verdicts, ...results.values(), statNames.judge(options)];
}

/** Big batches one after the other, batches of one case several at a time. */
async function inLanes(
  batches: readonly DiffCase[][],
  run: (batch: DiffCase[], index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < batches.length) {
      const index = next++;
      await run(batches[index]!, index);
    }
  };
  while (next < batches.length && batches[next]!.length > 1) {
    const index = next++;
    await run(batches[index]!, index);
  }
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Cases that speak to the admin listener change the process, so each of them gets one of its own. */
function inBatches(cases: readonly DiffCase[]): DiffCase[][] {
  const ordinary = cases.filter(({ admin }) => admin !== true);
  const batches: DiffCase[][] = [];
  for (let at = 0; at < ordinary.length; at += BATCH_SIZE)
    batches.push(ordinary.slice(at, at + BATCH_SIZE));
  return [...batches, ...cases.filter(({ admin }) => admin === true).map((diffCase) => [diffCase])];
}
