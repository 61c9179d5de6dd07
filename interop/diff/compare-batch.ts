import type { ProxyKind } from "../harness/proxy-process.ts";
import { runBatch } from "./batch.ts";
import type { DiffCase } from "./case.ts";
import { compare, type Difference } from "./compare.ts";
import type { Explanation, Explanations } from "./explanations.ts";
import { observe, type Facets } from "./observation.ts";
import { refusedCases } from "./refused.ts";
import { processFacets, unmovedStatNames } from "./stats.ts";
import { verdictsOf, type Verdict } from "./verdict.ts";

/** The verdict on one case. */
export interface CaseResult {
  readonly name: string;
  readonly unexplained: readonly Difference[];
  readonly explained: readonly {
    readonly difference: Difference;
    readonly explanation: Explanation;
  }[];
  /** Differed at first and not when it ran again with fewer others: a matter of timing. Empty for most. */
  readonly onceOnly: readonly Difference[];
}

/** Who is compared, and what they may differ in. */
export interface Comparison {
  readonly left: ProxyKind;
  readonly right: ProxyKind;
  readonly explanations: Explanations;
}

/** What was seen of each case, in order, and of the process as a whole. */
export interface BatchFacets {
  readonly cases: readonly Facets[];
  readonly process: Facets;
  readonly unmovedStatNames: ReadonlySet<string>;
}

/** Collects over all batches which stats exist at which side. */
export class StatNames {
  readonly #left: Facets = new Map();
  readonly #right: Facets = new Map();

  add(left: BatchFacets, right: BatchFacets): void {
    for (const name of left.unmovedStatNames) this.#left.set(`stat name ${name}`, "exists");
    for (const name of right.unmovedStatNames) this.#right.set(`stat name ${name}`, "exists");
  }

  judge(comparison: Comparison): CaseResult {
    return judge("process/stat names", compare(this.#left, this.#right), comparison);
  }
}

/** The process as a whole is compared under `processName`, and its stat names collected; null leaves both out. */
export async function compareBatch(
  batch: readonly DiffCase[],
  whole: { readonly processName: string; readonly statNames: StatNames } | null,
  comparison: Comparison,
): Promise<CaseResult[]> {
  let running = batch;
  const refused: CaseResult[] = [];
  let pair: readonly [BatchFacets, BatchFacets];
  try {
    pair = await runPair(running, comparison);
  } catch (error) {
    // One case's configuration must not cost the others their comparison.
    const refusals = await refusedCases(batch, comparison);
    for (const { name, left, right } of refusals)
      refused.push(judge(name, [{ at: "starts", left, right }], comparison));
    running = batch.filter(({ name }) => !refusals.some((refusal) => refusal.name === name));
    if (refusals.length === 0) return failAll(batch, error);
    if (running.length === 0) return refused;
    try {
      pair = await runPair(running, comparison);
    } catch (second) {
      return [...refused, ...failAll(running, second)];
    }
  }
  const [left, right] = pair;
  const results = running.map((diffCase, index) =>
    judge(diffCase.name, compare(left.cases[index]!, right.cases[index]!), comparison),
  );
  if (whole !== null) {
    results.push(judge(whole.processName, compare(left.process, right.process), comparison));
    whole.statNames.add(left, right);
  }
  return [...refused, ...results];
}

/** Cases that are only validated: each side's verdict, nothing of its words. */
export async function compareVerdicts(
  cases: readonly DiffCase[],
  comparison: Comparison,
): Promise<CaseResult[]> {
  const left = await verdictsOf(comparison.left, cases);
  const right = await verdictsOf(comparison.right, cases);
  return cases.map(({ name }, index) => {
    const at = { left: left[index]!, right: right[index]! };
    if (at.left.verdict === at.right.verdict) return judge(name, [], comparison);
    const words = ({ verdict, output }: Verdict): string => `${verdict}: ${output}`;
    const differences = [
      { at: "verdict", left: at.left.verdict, right: at.right.verdict },
      { at: "verdict in words", left: words(at.left), right: words(at.right) },
    ];
    return judge(name, differences, comparison);
  });
}

/** What both did with a batch. Throws when one of them does not start, or dies. */
export async function runPair(
  batch: readonly DiffCase[],
  { left, right }: Comparison,
  casesAtOnce?: number,
): Promise<[BatchFacets, BatchFacets]> {
  // Both at the same time: waiting is most of the work. allSettled: a failure of one must not leave the other
  // running behind the caller's back.
  const [first, second] = await Promise.allSettled([
    facetsOf(left, batch, casesAtOnce),
    facetsOf(right, batch, casesAtOnce),
  ]);
  if (first.status === "rejected") throw first.reason as Error;
  if (second.status === "rejected") throw second.reason as Error;
  return [first.value, second.value];
}

/** All facets of a batch at one proxy. */
export function facetsOf(
  kind: ProxyKind,
  batch: readonly DiffCase[],
  casesAtOnce?: number,
): Promise<BatchFacets> {
  return runBatch(
    kind,
    batch,
    (seen) => ({
      cases: batch.map((diffCase, index) => observe(diffCase, seen[index]!)),
      process: processFacets(seen[0]!.stats),
      unmovedStatNames: unmovedStatNames(batch, seen),
    }),
    casesAtOnce,
  );
}

/** Parts differences into those that are meant to be and the others. */
export function judge(
  name: string,
  differences: readonly Difference[],
  { explanations }: Comparison,
): CaseResult {
  const unexplained: Difference[] = [];
  const explained: { difference: Difference; explanation: Explanation }[] = [];
  for (const difference of differences) {
    const explanation = explanations.find(name, difference, differences);
    if (explanation === null) unexplained.push(difference);
    else explained.push({ difference, explanation });
  }
  return { name, unexplained, explained, onceOnly: [] };
}

function failAll(batch: readonly DiffCase[], error: unknown): CaseResult[] {
  const text = error instanceof Error ? error.message : String(error);
  const difference = { at: "runs", left: "yes", right: text };
  return batch.map(({ name }) => ({
    name,
    unexplained: [difference],
    explained: [],
    onceOnly: [],
  }));
}
