import { join } from "node:path";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { runBatch } from "./batch.ts";
import type { DiffCase } from "./case.ts";
import { compare, type Difference } from "./compare.ts";
import type { Explanation, Explanations } from "./explanations.ts";
import { observe, type Facets } from "./observation.ts";
import { refusedCases } from "./refused.ts";
import { processFacets } from "./stats.ts";

/** Cases that share one pair of processes. A crash or refusal costs at most these. */
const BATCH_SIZE = 40;
/** Batches of a single case that run at the same time. */
const LANES = 3;

/** The verdict on one case. */
export interface CaseResult {
  readonly name: string;
  readonly unexplained: readonly Difference[];
  readonly explained: readonly { readonly difference: Difference; readonly explanation: Explanation }[];
  /** Differed at first and not when it ran again with fewer others: a matter of timing. Empty for most. */
  readonly onceOnly: readonly Difference[];
}

export interface DiffOptions {
  readonly left: ProxyKind;
  readonly right: ProxyKind;
  readonly explanations: Explanations;
  /** Called when a batch is through. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What was seen of each case, in order, and of the process as a whole. */
interface BatchFacets {
  readonly cases: readonly Facets[];
  readonly process: Facets;
}

/** The cases of this repository. */
export const CASES_FOLDER: string = join(import.meta.dirname, "cases");

/**
 * Runs all cases at both proxies and compares. What differs runs a second time in a fresh pair of processes;
 * only what differs again counts.
 */
export async function runDiff(cases: readonly DiffCase[], options: DiffOptions): Promise<CaseResult[]> {
  const results = new Map<string, CaseResult>();
  const again = new Set<string>();
  let done = 0;
  await inLanes(inBatches(cases), async (batch, index) => {
    // A process with one case of its own was changed by it: there is nothing to compare as a whole.
    const processName = batch[0]?.admin === true ? null : `process/batch ${index + 1}`;
    for (const result of await compareBatch(batch, processName, options)) {
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
  return [...results.values()];
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
  for (let at = 0; at < ordinary.length; at += BATCH_SIZE) batches.push(ordinary.slice(at, at + BATCH_SIZE));
  return [...batches, ...cases.filter(({ admin }) => admin === true).map((diffCase) => [diffCase])];
}

/** `processName` null: the process as a whole is not compared. */
async function compareBatch(
  batch: readonly DiffCase[],
  processName: string | null,
  options: DiffOptions,
): Promise<CaseResult[]> {
  let running = batch;
  const refused: CaseResult[] = [];
  let pair: [BatchFacets, BatchFacets];
  try {
    pair = await runPair(running, options);
  } catch (error) {
    // One case's configuration must not cost the others their comparison.
    const refusals = await refusedCases(batch, options);
    for (const { name, left, right } of refusals) refused.push(judge(name, [{ at: "starts", left, right }], options));
    running = batch.filter(({ name }) => !refusals.some((refusal) => refusal.name === name));
    if (refusals.length === 0) return failAll(batch, error);
    if (running.length === 0) return refused;
    try {
      pair = await runPair(running, options);
    } catch (second) {
      return [...refused, ...failAll(running, second)];
    }
  }
  const [left, right] = pair;
  const results = running.map((diffCase, index) =>
    judge(diffCase.name, compare(left.cases[index]!, right.cases[index]!), options),
  );
  if (processName !== null) results.push(judge(processName, compare(left.process, right.process), options));
  return [...refused, ...results];
}

/** Both at the same time: waiting is most of the work. */
async function runPair(batch: readonly DiffCase[], { left, right }: DiffOptions): Promise<[BatchFacets, BatchFacets]> {
  // allSettled: a failure of one must not leave the other running behind the caller's back.
  const [first, second] = await Promise.allSettled([facetsOf(left, batch), facetsOf(right, batch)]);
  if (first.status === "rejected") throw first.reason as Error;
  if (second.status === "rejected") throw second.reason as Error;
  return [first.value, second.value];
}

/** All facets of a batch at one proxy. */
export function facetsOf(kind: ProxyKind, batch: readonly DiffCase[]): Promise<BatchFacets> {
  return runBatch(kind, batch, (seen) => ({
    cases: batch.map((diffCase, index) => observe(diffCase, seen[index]!)),
    process: processFacets(batch, seen),
  }));
}

function judge(name: string, differences: readonly Difference[], { explanations }: DiffOptions): CaseResult {
  const unexplained: Difference[] = [];
  const explained: { difference: Difference; explanation: Explanation }[] = [];
  for (const difference of differences) {
    const explanation = explanations.find(name, difference);
    if (explanation === null) unexplained.push(difference);
    else explained.push({ difference, explanation });
  }
  return { name, unexplained, explained, onceOnly: [] };
}

function failAll(batch: readonly DiffCase[], error: unknown): CaseResult[] {
  const text = error instanceof Error ? error.message : String(error);
  const difference = { at: "runs", left: "yes", right: text };
  return batch.map(({ name }) => ({ name, unexplained: [difference], explained: [], onceOnly: [] }));
}
