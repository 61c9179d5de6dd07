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
  /** Differed, and not when it ran again with fewer others: a matter of timing. Empty for most. */
  readonly notAgain: readonly Difference[];
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

/** Cases that share a pair of processes. */
export interface Batch {
  /** Under which the process as a whole is compared; null leaves that out. */
  readonly name: string | null;
  readonly cases: readonly DiffCase[];
}

/** The verdicts on a batch's cases, and on its process. What stats there are is noted in `statNames`. */
export async function compareBatch(
  { name: processName, cases }: Batch,
  statNames: StatNames,
  comparison: Comparison,
  casesAtOnce?: number,
): Promise<CaseResult[]> {
  let running = cases;
  const refused: CaseResult[] = [];
  let pair: readonly [BatchFacets, BatchFacets];
  try {
    pair = await runPair(running, comparison, casesAtOnce);
  } catch (error) {
    // One case's configuration must not cost the others their comparison.
    const refusals = await refusedCases(cases, comparison);
    for (const { name, left, right } of refusals)
      refused.push(judge(name, [{ at: "starts", left, right }], comparison));
    running = cases.filter(({ name }) => !refusals.some((refusal) => refusal.name === name));
    if (refusals.length === 0) return failAll(cases, error);
    if (running.length === 0) return refused;
    try {
      pair = await runPair(running, comparison, casesAtOnce);
    } catch (second) {
      return [...refused, ...failAll(running, second)];
    }
  }
  const [left, right] = pair;
  const results = running.map((diffCase, index) =>
    judge(diffCase.name, compare(left.cases[index]!, right.cases[index]!), comparison),
  );
  if (processName !== null) {
    results.push(judge(processName, compare(left.process, right.process), comparison));
    statNames.add(left, right);
  }
  return [...refused, ...results];
}

/** Cases that are only validated: each side's verdict, nothing of its words. */
export async function compareVerdicts(
  cases: readonly DiffCase[],
  comparison: Comparison,
): Promise<CaseResult[]> {
  const [left, right] = await verdictsOf([comparison.left, comparison.right], cases);
  return cases.map(({ name }, index) => {
    const at = { left: left![index]!, right: right![index]! };
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
    (seen, stats) => ({
      cases: batch.map((diffCase, index) => observe(diffCase, seen[index]!)),
      process: processFacets(stats),
      unmovedStatNames: unmovedStatNames(stats),
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
  return { name, unexplained, explained, notAgain: [] };
}

function failAll(batch: readonly DiffCase[], error: unknown): CaseResult[] {
  const text = error instanceof Error ? error.message : String(error);
  const difference = { at: "runs", left: "yes", right: text };
  return batch.map(({ name }) => ({
    name,
    unexplained: [difference],
    explained: [],
    notAgain: [],
  }));
}
